"""Words for what the engine found: a sentence for every finding and reader, the answer as JSON and as text.

Reading order: `words` (who reads; names, money and days in a sentence), `findings` and `money_findings` (why a line
costs what it costs), `open_points` (questions, assumptions, conditions, turning points), `answer` with
`answer_schema` (all of it, and its JSON), `text` (the answer in a terminal). Then one file a subject: `told`,
`comparisons`, `sensitivity`, `plans`, `authorization`, `eligibility`, `errors`.
"""
