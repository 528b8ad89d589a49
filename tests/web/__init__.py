"""Tests of the pages, with the real app and the plans that ship with it."""
