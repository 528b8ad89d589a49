"""What the billing desk does, and the work that goes on in the background.

Reading order: `schedule` (one row of a day), `sent_schedules` (a whole day, kept and answered), `cases` with
`counters`, `alerts` and `case_visits` (courses of care), `worklist` (both together, for the front desk),
`authorization` with `authorization_answer` and `authorization_dates` (is a line valid, authorized and payable),
`calls` and `given_estimates` (what was said and given), `reconcile` and `remittance` (what the payer paid), `clinic`
(its settings), `watch` (what needs a person), `jobs` (the worker).
"""
