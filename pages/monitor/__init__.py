"""Has quality changed: a failure rate over time, the rules it must keep, and the alerts where it did not."""
