"""Costs beside a hosted model, and plans."""
