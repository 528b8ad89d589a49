"""Requests for an estimate (`docs/json-contract.md`) become questions that the engine can answer.

Reading order: `asked` (what a request turns into), `text` (JSON text to values), `values` and
`codes` (one value at a time), `echo` (what was written, said back), `parts` (what objects have in common), `care`
(services, visits and courses), `schema` (all keys of a request), `reading` (the way in: `read_request`).
"""
