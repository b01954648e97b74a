"""Scores a model on the closed 4-choice test; pure of any model library."""
