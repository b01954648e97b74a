"""Finds the tables of a PDF page that have no rule around each cell; `finder` has the one function others call."""
