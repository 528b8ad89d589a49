"""The page that reads a payer's answer, for the billing desk.

`prefilled` (the fields of the estimate that an answer fills), `page` (what is shown), `views`.
"""
