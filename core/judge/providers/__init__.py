"""One module per provider of models; only there is its library known."""
