"""Tests of finsmith.training."""
