"""The page of the authorization check.

`questions` (what is asked), `fields` (where a mistake belongs), `page` (what is shown), `views`.
"""
