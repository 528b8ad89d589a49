"""The words of an answer: every finding has a sentence, and the sums of the answer are the sums of its steps.

Reading order: `estimates` (what the tests are built of), then the tests, a file for each file of words.
"""
