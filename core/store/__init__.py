"""The store: the only code that speaks DuckDB. It may import metrics, slice, model and errors, and nothing above."""
