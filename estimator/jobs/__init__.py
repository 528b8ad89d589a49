"""Work that goes on after its page has been answered.

Reading order: `queue` (where jobs wait and what they do), `worker` (who does them).
"""
