"""Documents to print, sign or send: tagged PDFs made from an answer and nothing else.

Reading order: `case` (what a document is made from, and the clinic's settings), then one document a file, words
included: `estimate`, `good_faith`, `notice`, `call_script`; `layout` (the pieces of a page, and how they become a
PDF), `kinds` (the documents by name). `advanced_eob` writes an estimate as FHIR instead.
"""
