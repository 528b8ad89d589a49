"""Papers to print, sign or send: tagged PDFs made of an answer and of nothing else.

Reading order: `case` (what a paper is made of), `clinic` (who treats, from a settings file); then two files a paper,
what stands where and its sentences – `estimate`, `good_faith`, `notice`, `call_script` with `words/` of the same names;
`rows` (lines that come back), `reasons`, `sources`, `chart`,
`blocks` (the pieces of a page), `typesetting` with `paper.typ` (blocks to PDF), `kinds` (the papers by name).
"""
