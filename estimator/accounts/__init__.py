"""People who sign in: their accounts, roles and tokens, and the log of who did what.

Reading order: `roles`, `accounts`, `sign_in` (sessions, the clinic's own provider, tokens), `second_step`,
`audit`, `store`.
"""
