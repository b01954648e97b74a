"""Tests of finsmith.cards."""
