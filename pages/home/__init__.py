"""The first page: what fails most, where, and what to do next."""
