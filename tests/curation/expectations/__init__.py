"""Tests of what is expected of whole sets of data."""
