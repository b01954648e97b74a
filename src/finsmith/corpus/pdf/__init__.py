"""Reads PDF documents: lines with their places, what is furniture, reading order, paragraphs, tables.

The only home of pymupdf and pdfplumber.
"""
