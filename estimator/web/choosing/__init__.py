"""Choosing one of tens of thousands of plans: what is looked for (`query`), what was found (`found`), the `page`."""
