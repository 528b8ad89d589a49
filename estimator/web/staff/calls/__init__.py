"""The log of calls with payers.

Reading order: `typing` (what was typed becomes an entry), `page` (what is shown), `views`.
"""
