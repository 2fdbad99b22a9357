"""Find and read the traces behind a number."""
