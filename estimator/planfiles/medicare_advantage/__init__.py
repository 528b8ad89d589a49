"""Reads a table of Medicare Advantage plans and their cost share for physical therapy into plan definitions.

Reading order: `costs` (what one cell says), `organizations` (who sells a plan, where, and whose policy holds),
`plans` (a whole definition, and all of them with a report).
"""
