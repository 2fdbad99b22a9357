"""Ask models: what they are asked, in which form they answer, and the providers; imports only the model and errors."""
