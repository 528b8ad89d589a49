"""FHIR R4B (and R4): CoverageEligibilityResponse, Coverage, or a Bundle that holds them.

Reading order: `reading` (text to resources), `standard` (what the standard says of them), `coded` (codes to our words),
`response` and `coverage` (resources to statements), `figures`, `identifying` (what must not be shown), `parts`.
"""
