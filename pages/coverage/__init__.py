"""Which combinations of values have traces and labels, and which have none."""
