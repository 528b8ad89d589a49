"""The calculation, pure: no files, no clock, no framework, no sentences for readers.

Read in this order: `money`, `days`, `citation`, `plan`, `request`, `findings`, `estimate`, `engine`,
then `rules/`, one rule a file.
"""
