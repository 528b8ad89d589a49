"""What an administrator keeps: accounts, tokens for other programs, and the log of what was done."""
