"""The rules of the house style that a program can check.

Reading order: `sources` (what is read), `shape`, `words` and `outcomes` (the checks, a function each),
`test_checks` (every check catches a bad example), `test_house_style` (the product breaks none of them).
"""
