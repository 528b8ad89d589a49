"""What may stand in a plan file, block by block, and what to write instead of what may not.

Reading order: `names` (what the rest of the file and the folder know), `values` (single words),
`shapes` (lists, blocks and choices), `when`, `network`, `limit`, `share`, `authorization`, `benefit`,
`policy`, `plan`, then `editors` (the JSON Schema).
"""
