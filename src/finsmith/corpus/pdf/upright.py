"""Pages that are shown turned.

Not covered: text that runs sideways on an upright page.
"""

import pymupdf


def turn_upright(pdf: "pymupdf.Document") -> None:
    """Makes places on pages that are shown turned those that a reader sees; the file stays as it is."""
    for page in pdf:
        if page.rotation:
            page.remove_rotation()
