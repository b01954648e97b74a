"""Small real PDFs for the tests, made with pymupdf."""

import unicodedata
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pymupdf

FONT = "korea"


def make_pdf(path: Path, pages: Sequence[Sequence[str]], line_spacing: float = 40, **saving: object) -> Path:
    """A PDF with the lines of each page one below the other; 40 points apart each is a paragraph of its own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with pymupdf.open() as pdf:
        for lines in pages:
            page = pdf.new_page()
            for number, line in enumerate(lines):
                page.insert_text((60, 80 + number * line_spacing), line, fontname=FONT, fontsize=11)
        pdf.save(path, **saving)
    return path


def make_set(path: Path, *texts: tuple[tuple[float, float, float, float], str]) -> Path:
    """A page with each text set into its box, in a type whose digits and spaces are as narrow as in print."""
    with pymupdf.open() as pdf:
        page = pdf.new_page()
        for box, text in texts:
            page.insert_htmlbox(box, f'<p style="font-size: 12px; line-height: 1.6">{text}</p>')
        pdf.save(path)
    return path


def make_scan(path: Path, text_page: str = "") -> Path:
    """A PDF whose first page is only a picture, without any text; a second one has text where it is given."""
    picture = pymupdf.Pixmap(pymupdf.csGRAY, pymupdf.IRect(0, 0, 60, 80))
    picture.clear_with(200)
    picture.set_rect(pymupdf.IRect(10, 10, 50, 70), (60,))
    with pymupdf.open() as pdf:
        page = pdf.new_page()
        page.insert_image(page.rect, pixmap=picture)
        if text_page:
            pdf.new_page().insert_text((60, 80), text_page, fontname=FONT)
        pdf.save(path)
    return path


def scan(source: Path, path: Path, turned: float = 0.0, noise: float = 0.0, shown_turned: int = 0) -> Path:
    """Each page of a PDF as a picture of 200 dpi, laid in turned by degrees and with noise (standard deviation, tones).

    `shown_turned` says the page is stored lying and shown upright, as scanners do.
    """
    with pymupdf.open(source) as pdf, pymupdf.open() as scanned:
        for page in pdf:
            page.set_rotation(-shown_turned % 360)
            scale = pymupdf.Matrix(200 / 72, 200 / 72)
            drawn = page.get_pixmap(matrix=scale.prerotate(turned), colorspace=pymupdf.csGRAY)
            tones = np.frombuffer(drawn.samples, np.uint8) + np.random.default_rng(7).normal(
                0, noise, len(drawn.samples)
            )
            grainy = np.clip(tones, 0, 255).astype(np.uint8).tobytes()
            picture = pymupdf.Pixmap(pymupdf.csGRAY, drawn.width, drawn.height, grainy, False)
            sheet = scanned.new_page(width=page.rect.width, height=page.rect.height)
            sheet.insert_image(sheet.rect, pixmap=picture)
            sheet.set_rotation(shown_turned)
        scanned.save(path)
    return path


def make_decomposed(path: Path, text: str) -> Path:
    """A PDF whose text layer is the text's NFD form: its ToUnicode table maps each glyph to a conjoining jamo."""
    units = unicodedata.normalize("NFD", text)
    glyphs = {unit: chr(ord("A") + number) for number, unit in enumerate(dict.fromkeys(units)) if unit != " "}
    pairs = "\n".join(f"<{ord(glyph):02X}> <{ord(unit):04X}>" for unit, glyph in glyphs.items())
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Jamo def /CMapType 2 def "
        f"1 begincodespacerange <00> <FF> endcodespacerange {len(glyphs)} beginbfchar\n{pairs}\nendbfchar "
        "endcmap end end"
    )
    with pymupdf.open() as pdf:
        page = pdf.new_page()
        page.insert_text((60, 80), "".join(glyphs.get(unit, " ") for unit in units), fontname="helv")
        table = pdf.get_new_xref()
        pdf.update_object(table, "<<>>")
        pdf.update_stream(table, cmap.encode())
        pdf.xref_set_key(page.get_fonts()[0][0], "ToUnicode", f"{table} 0 R")
        pdf.save(path)
    return path


def make_gapless(path: Path, sentences: Sequence[str]) -> Path:
    """A PDF of paragraphs whose glyphs are set one after the other, without spaces and without gaps."""
    return make_pdf(path, [[squeezed(sentence) for sentence in sentences]])


def squeezed(text: str) -> str:
    """The text without any white space."""
    return "".join(text.split())
