"""Count failures by two dimensions."""
