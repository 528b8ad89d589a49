"""The papers, read back from their PDFs."""
