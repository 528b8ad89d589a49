"""Reads the Marketplace's public use files: every medical plan that HealthCare.gov sells becomes a plan definition.

Reading order: `files` (a table straight from its zip), `columns` (headers of both dialects), `rows` (both files brought
together), `grammar` (one cell), `ceilings` and `benefits` (blocks of a definition), `sentences` and `proposals` (what
the free text may mean), `payers` (whose policy on needling), `definition` (a whole plan), `reading` (all of them).
"""
