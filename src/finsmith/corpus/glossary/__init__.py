"""Reads glossaries of any format into terms; what is no entry, or a broken one, is set aside with its reason."""
