"""Who the insurers are, and what people and cards call them.

Read `registry` first, for what is known of each; then `matching`, which finds the one that a text means, or asks.
"""
