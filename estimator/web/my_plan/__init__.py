"""A plan that is not listed, told from its card and papers: `questions`, and the `definition` that answers make."""
