"""Who judges, by which rubric, and what is stored."""
