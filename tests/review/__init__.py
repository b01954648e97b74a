"""Tests of finsmith.review."""
