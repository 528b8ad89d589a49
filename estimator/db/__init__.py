"""What is kept in the database: plan revisions and price books, never edited, and pointers to the active ones.

Reading order: `place` (where the database is), `connection` (one snapshot to read, one writer at a time), `tables`,
`versions` (migrations), `plans`, `searching`, `price_books`, `imports`, `backup`. Nothing here commits: use cases do.
"""
