"""Reads PDFs and glossaries into passages and terms with provenance."""
