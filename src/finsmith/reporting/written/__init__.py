"""The page of written answers."""
