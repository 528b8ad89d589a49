"""The clinic's own prices on pages: what prices now, a new list and what it changes, the way back, what has no price.

Reading order: `words` (what each list is called), `page` (what the templates are given), `gaps`, `views`.
"""
