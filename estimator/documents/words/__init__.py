"""The sentences of each paper, one file a paper, so that another language is another set of files."""
