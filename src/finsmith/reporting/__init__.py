"""Costs, summary and the HTML report."""
