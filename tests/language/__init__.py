"""Every sentence that a reader may see is there in every language."""
