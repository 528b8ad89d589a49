"""Prices: the figures that ship, the lists that a clinic brings, and the files that payers and hospitals publish.

Reading order: `books` (Medicare's fee schedule, codes, where a ZIP code lies), `sheet` (all prices of one place),
`store` with `spreadsheet` (contracts, self-pay, factors, and what is kept in the database). `cms_files` with
`cms_tables` read Medicare's own files and `fee_changes` tells what they change; `rates` and `hospital` with
`rate_stream` read files of any size from payers and hospitals.
"""
