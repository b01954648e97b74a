"""Tests of finsmith.scaling."""
