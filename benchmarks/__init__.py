"""Measurements of the readers on real documents, beside other ways; none is part of the pipeline or the tests."""
