"""Tests of finsmith.tracking."""
