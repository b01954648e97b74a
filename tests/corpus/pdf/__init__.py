"""Tests of finsmith.corpus.pdf."""
