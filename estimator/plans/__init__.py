"""Plan files: the text that a rule keeper writes, and the plan that the engine reads.

Reading order: `text` (YAML or JSON with the line of every key), `schema` with `schema_rules` and `schema_values`
(what may be written), `read` (one plan, from text to the engine's plan), `shared` (services, sources, policies and
state law), `common_rules` (usual rules, and laws as published), `yearly` (what the law sets each year), `folder` (all
plan files), `store` and `shelf` (plans in the database, found and searched), `lint` and `edit_text`. Official files
come in through `marketplace`, `medicare_advantage`, `pbp` (the official benefit file), `crosswalk` (where plans go when
their year ends) and `catalogue_file`.
"""
