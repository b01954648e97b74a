"""Tests of finsmith.corpus."""
