"""Tests of finsmith.evaluation."""
