"""Tests of finsmith.curation."""
