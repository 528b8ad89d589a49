"""Work out what a patient will owe for dry needling in outpatient physical therapy, and say why.

Each folder is a room: a subject that a biller could name. Imports go down this list, never up.

1. `cli` and `web`: the command `estimator`, and the pages.
2. `papers`: documents to print, sign or send.
3. `wording`: one sentence for each finding and reader.
4. `billing` and `publishing`: what the billing desk and the rule keepers do.
5. `estimates`: one request becomes one answer.
6. `eligibility`: what a payer's answer about a patient says.
7. `plans`, `prices` and `accounts`: plan files, price books and clinic lists, people who sign in.
8. `insurers`: who the payers are.
9. `engine` and `db`: the calculation, pure; the tables and migrations.

`clock`, `errors`, `language` and `settings` import nothing else of ours, except each other.
`docs/architecture.md` follows one estimate through the rooms.
"""

__version__ = "0.1.0"
