"""The seed tasks that people wrote."""
