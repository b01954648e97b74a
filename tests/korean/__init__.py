"""Tests of finsmith.korean."""
