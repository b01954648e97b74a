"""Workbooks that tests write."""

from openpyxl import Workbook


def write_book(path, **sheets):
    """Writes sheets of these rows, by title."""
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path
