"""What the billing desk does, and the work that goes on in the background.

Reading order: `schedule` (a whole day of courses), `authorization` with `authorization_answer` and
`authorization_dates` (is a line valid, authorized and payable), `calls` and `given_estimates` (what was said and
given), `reconcile` and `remittance` (what the payer paid), `watch` (what needs a person), `jobs` (the worker).
"""
