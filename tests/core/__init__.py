"""Tests of finsmith.core."""
