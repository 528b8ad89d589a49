"""One request becomes one answer, and what people do with it.

Reading order: `contract` with `contract_values` (a request, or all of its problems), `run` (plan, place and prices
found, the engine run), `told` with `told_rules` (what the plan said on a call), `compare`, `rank` (all plans of a
state), `sensitivity` with `open_ends` (what each unknown is worth), `saved`, `eligibility` (what a payer's answer fills
in), `examples` (those of plan files).
"""
