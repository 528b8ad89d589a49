"""The official files in small, of our own making: `official` writes every layout that CMS has used."""
