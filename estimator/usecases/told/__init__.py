"""What the plan itself answered becomes part of the estimate.

Reading order: `hearing` (how an answer meets a rule), `cover`, `permission`, `limits`, `shares` and `networks` (one
rule for each question), `plans` (all answers on one plan), `estimating` (the estimate that rests on them).
"""
