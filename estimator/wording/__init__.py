"""Words for what the engine found: a sentence for every finding and reader, the JSON answer and the text answer.

Reading order: `figures` (money and days as people read them), `telling` (who reads, and what things are
called); then a file a subject – `cover`, `bounds`, `notices`, `charges`, `prices` for findings, `statuses`,
`conditions`, `questions`, `assumptions`, `crossings` for the rest; `steps` (the sentence of any finding);
`answer` with `lines` and `balances` (the JSON answer), `summary`, `text` (the answer in a terminal), `errors`.
"""
