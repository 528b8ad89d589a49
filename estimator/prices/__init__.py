"""Prices from files: the figures we carry, and the lists that a clinic brings.

Read in this order: `carried` (how a carried file looks), `book` (Medicare's fee schedule), `zips` (where a
ZIP code lies), `codes` (services, pairs, diagnoses), `ratios`, `cash` (cited ranges), then `spreadsheet`,
`contract` and `pricelist` (a clinic's own CSV files), and `gathering` (all of them for one place).
"""
