"""Tests of finsmith.history."""
