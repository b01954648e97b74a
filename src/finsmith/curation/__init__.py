"""Filters that say of each candidate why it is kept or rejected."""
