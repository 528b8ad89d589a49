"""An estimate that a person asks to keep, under a link of its own.

Reading order: `words` (what the pages say), `kept` (a saved estimate made again for a reader), `views` (the pages).
"""
