"""What rule keepers do: change plans and prices, see what that does, publish, and roll back.

Reading order: `publish` (revisions are added and pointers moved, in one transaction), `drafts` (text being worked
on), `check` (text, lint and examples), `impact` (what people would owe), `roll` (into the next year), `proposals`,
`clinic_lists`, `fees`, `catalogues` and `official_tables` (what comes from files), `database` (made, filled,
backed up and restored).
"""
