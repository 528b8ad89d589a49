"""Tests of reading plan files; `sample` holds the plan that they change."""
