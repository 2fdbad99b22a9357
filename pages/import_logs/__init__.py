"""Bring log files in."""
