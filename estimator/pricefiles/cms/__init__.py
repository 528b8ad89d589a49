"""Medicare's fee schedule from the files that CMS publishes, in each form that they have been seen in.

Read in this order: `noting` (what is wrong with a file), `opening` (a zip, text or workbook), `rows` and `workbook`
(its rows as text), `columns` (a header found by its words), then a module a file: `rvus` with `rvu_lines`, `gpcis`,
`localities`, `zips`; `schedule` (the four together), `kept` (as the database keeps it), `prices` (what an estimate
takes from there), `changes` (two compared).
"""
