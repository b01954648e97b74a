"""Talks to the teacher model: calls and their limits, response store, budget, local server."""
