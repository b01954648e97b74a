"""Tests of finsmith.mixture."""
