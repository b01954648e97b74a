"""Tests of finsmith.reporting."""
