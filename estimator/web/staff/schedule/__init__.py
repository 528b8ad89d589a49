"""The schedule of a clinic's day: sent as a file, answered while the page waits for nobody, shown as a list of work.

Reading order: `words` (what each need is called), `page` (what the templates are given), `views`.
"""
