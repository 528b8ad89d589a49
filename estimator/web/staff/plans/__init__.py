"""The pages of whoever keeps the plans: their rules and history, the drafts in work, and what free text proposes.

Reading order: `listing` (search, a plan, its revisions), `drafts` (text, check, preview, publish), `form`, `proposals`.
"""
