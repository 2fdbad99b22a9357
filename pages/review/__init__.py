"""Judge one trace after the other."""
