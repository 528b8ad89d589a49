"""The nightly watch: what has grown old, ended, failed or would change, each looked for by a job of its own.

Reading order: `jobs` (what each looks for), `running` (all of them, one after the other, and what they found).
"""
