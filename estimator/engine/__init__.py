"""The calculation, and nothing else: no files, no clock, no framework, no sentences for readers.

Reading order, along one estimate:

1. `values`, `plan`, `request`, `prices`, `usual`: what goes in. `answer` (with its log) and `findings`: what comes out.
2. `estimate`: runs the course at three price levels, and again without each thing that it depends on.
3. `course`: one run, visit by visit; opening balances before it, a second plan after it.
4. `visits`: gets a visit ready, which no earlier visit changes. Its rules: `coding` (units, edits, modifiers),
   `coverage` (state law, payer policy, benefit, network), `pricing` (allowed amount, charge, therapy reduction,
   visit rates) and `authorization` (which limits and requirements apply to a line).
5. `covered_line`: a covered line against its limits, authorization and referral, with `accumulators` and
   `authorization`.
6. `cost_share`: deductible, copay, coinsurance, visit cap, out-of-pocket maximum, most the plan pays.

Money moves in three places. `cost_share.settle` charges the patient's share and credits the deductible and the
out-of-pocket maximum in `accumulators`. `covered_line` adds what lies past a limit, a reduction or penalty, and a
balance bill, and fills the limits. `course` charges lines that are not covered, and lets a second plan pay.
`visits.Running` holds what changes from one visit to the next. Coinsurance is rounded in `values.Money.share`.
"""
