"""Parts and faults of a text, Korean and English."""
