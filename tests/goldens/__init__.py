"""Saved requests, each with its answer as a reviewer reads it aloud."""
