"""A clinic's schedule: read, answered and sorted."""
