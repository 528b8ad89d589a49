"""What a person wrote, as text with the line of every key and value, from YAML or from JSON.

Reading order: `tree` (blocks, lists and words), `from_yaml`, `from_json`.
"""
