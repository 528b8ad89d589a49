"""What rule keepers do: change plans and prices, see what that does, publish, and roll back.

Reading order: `publish` (revisions are added and pointers moved, in one transaction), `drafts` (text being worked
on), `check` (text, lint and examples), `impact` (what people would owe), `proposals`, `clinic_lists`, `fees` and
`catalogues` (what comes from files), `database` (made, filled, backed up and restored).
"""
