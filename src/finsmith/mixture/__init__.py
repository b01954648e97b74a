"""Mixes domain and general examples into one training set."""
