"""What a payer answers about a patient's benefits (X12 271, FHIR) becomes one result that says where each field stood.

Reading order: `benefit` (one thing that was said), `result` (all of it), `x12` and `fhir` (the two ways in), `reading`
(which of them a file is), `buckets` (what belongs together), `contradictions`, `service_types` (which one holds).
"""
