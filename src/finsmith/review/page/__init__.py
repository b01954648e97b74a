"""The page on which people judge rows: what it asks for, who may ask, and how."""
