"""Where every row comes from and what descends from it."""
