"""What people do here: each function is one thing a person asks for, and brings plan, prices and law together.

`estimating` answers a request; `checking` runs plan files and their examples.
"""
