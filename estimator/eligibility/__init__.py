"""What a payer answers about a patient's benefits (X12 271, FHIR) becomes statements, each with the place it came from.

Reading order: `statements` (what can be said), `read` (which format a file has), `x12_text` and `x12_271`, `fhir` and
`explanation` (the ways in), `filters` and `messages` (what counts, and what is said in words), `buckets` (what
belongs together), `choosing` (which statement holds). `x12_270` writes the question.
"""
