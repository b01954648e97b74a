"""Tests of finsmith.lineage."""
