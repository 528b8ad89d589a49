"""Estimates as patients were given them.

Reading order: `reading` (a request that was pasted or sent as a file), `page` (what is shown), `views`;
`eob` (the form for what a payer paid), `reconciling` (its pages).
"""
