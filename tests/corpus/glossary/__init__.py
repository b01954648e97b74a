"""Tests of finsmith.corpus.glossary."""
