"""Experiments side by side: accuracy, paired tests, costs, and which are worth their money."""
