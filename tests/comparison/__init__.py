"""Tests of finsmith.comparison."""
