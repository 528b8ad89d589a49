"""Answers that a person got on the telephone, typed back in.

Reading order: `carried` (how they travel between pages), `words` (what the page says), `asking` (the questions of this
plan and course), `typing` (what was typed becomes a call), `views` (the page).
"""
