"""The database: what is kept, how it is opened, and how a copy is made.

Reading order: `tables`, `connection` (one snapshot to read, one writer at a time; which version the tables are),
`migrations`, `backup`. Nothing here commits: the rooms where people do things do.
"""
