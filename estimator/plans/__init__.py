"""Plan files: the text a billing lead writes, and the plan that the engine reads.

Reading order: `written` (YAML or JSON as text with its lines), `schema` (what may stand where), `crossings`
(names that must fit together), `building` (the domain's plan), `reading` (all of it for one plan),
`library` (the folder), then `lint`, `states` and `services`.
"""
