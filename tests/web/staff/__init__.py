"""Tests of the staff pages, each signed in on a database of its own."""
