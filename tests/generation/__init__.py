"""Tests of finsmith.generation."""
