"""Talks to the teacher model: client, response store, prices, local server."""
