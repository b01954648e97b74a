"""Expectations on whole sets of data: tables of facts, suites, and pages about the results."""
