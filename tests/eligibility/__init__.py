"""Payers' answers that are made up here: nobody in them exists."""
