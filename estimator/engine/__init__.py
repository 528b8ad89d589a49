"""The calculation, pure: no files, no clock, no framework, no sentences for readers.

Reading order: `values`, `codes`, `plan`, `request`, `prices`, `states` (what goes in); `findings`, `answer`, `log`
(what comes out). Then the way of an estimate: `estimate` (three runs compared), `visits` (a visit made ready:
`coding`, `coverage`, `pricing`), `course` (visit by visit), `covered_line` (where money moves: `authorization`,
`limits`, `cost_share`), with the balances in `ledger` and what a run carries along in `running`.
"""
