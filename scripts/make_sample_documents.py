"""Sets the sample documents of finsmith as Korean A4 PDFs.

finsmith ships a few documents of an invented financial group, so that its pipeline can be tried
on realistic input. Their text is in ``scripts/sample_documents/*.md`` (a small Markdown dialect,
see `parse`); the PDFs in ``data/raw/pdf`` were made once with this developer's tool:

    python scripts/make_sample_documents.py [--font-dir DIR] [--only NAME]

It needs reportlab and the NanumGothic fonts (SIL Open Font License, so the subsets embedded in
the PDFs may be passed on). The same sources and fonts give the same bytes.
"""

import argparse
import json
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab import platypus as rl
from reportlab.graphics.charts.barcharts import VerticalBarChart
from reportlab.graphics.charts.linecharts import HorizontalLineChart
from reportlab.graphics.shapes import Drawing, Rect, String
from reportlab.graphics.widgets.markers import makeMarker
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY, TA_LEFT, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase.pdfmetrics import getFont, registerFont, stringWidth
from reportlab.pdfbase.ttfonts import TTFont

ROOT = Path(__file__).resolve().parent.parent
SOURCES, TARGET = ROOT / "scripts" / "sample_documents", ROOT / "data" / "raw" / "pdf"
REGULAR, BOLD = "NanumGothic", "NanumGothicBold"
INK, NAVY, GREY, RULE = (HexColor(c) for c in ("#1f2328", "#1b3a5c", "#5f6b7a", "#b4bdc8"))
HEADER_FILL, BOX_FILL = HexColor("#e6ecf3"), HexColor("#f3f6fa")
SERIES = [HexColor(c) for c in ("#1b3a5c", "#d9822b", "#4f9d8f", "#a23b4a", "#7a6ab0")]
SIDE, TOP, BOTTOM, GUTTER = 62.0, 86.0, 70.0, 22.0
MARKS = {"# ": "h1", "## ": "h2", "### ": "h3", "- ": "b1", "  - ": "b2", "> ": "box"}
NOTE = re.compile(r"(주|자료|출처)\d?\)?: ?")
NO_START = re.compile(r"\s|[#>]|[-*+]( |$)|\d{1,2}[.)] |---|===|~~~")
NO_INLINE = re.compile(r"`|\*\*|__|~~|\]\(|</?[A-Za-z][^>]*>")
NUMERAL = re.compile(r"[△▲▽▼+\-–−±(약]*\d[\d,.]*\s?[조억만천%a-zA-Z가-힣]{0,3}\)?|[-–−]")


@dataclass
class Block:
    """A block of a source: a heading, paragraph, bullet, box, table or chart."""

    kind: str
    text: str = ""  # of a table or chart: its caption
    data: Any = None  # the rows of a table, the keys of a chart
    note: str = ""


def read_keys(lines: list[str], keys: tuple[str, ...]) -> dict[str, Any]:
    """Returns what ``key: value`` lines hold: lists and mappings as in JSON, or else a string."""
    pairs = [line.partition(" #")[0].partition(": ") for line in lines]
    values = {key: value.strip() for key, _, value in pairs}
    if missing := set(keys) - set(values):
        raise ValueError(f"no {' or '.join(sorted(missing))} here")
    return {k: json.loads(v) if v.startswith(("[", "{")) else v for k, v in values.items()}


def read_table(lines: list[str], caption: str) -> Block:
    """Returns the table that pipe rows describe."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    ruled = len(rows) > 2 and all(re.fullmatch(r":?-+:?", cell) for cell in rows[1])
    if not ruled or len({len(row) for row in rows}) > 1:
        raise ValueError("a table needs a header, a |---| line and rows, all of as many cells")
    return Block("table", caption, [rows[0], *rows[2:]])


def read_chart(lines: list[str]) -> Block:
    """Returns the chart that the inside of a ``chart`` fence describes."""
    chart = read_keys(lines, ("type", "title", "x", "series"))
    even = all(len(values) == len(chart["x"]) for values in chart["series"].values())
    if not even or len(chart["series"]) > len(SERIES) or chart["type"] not in ("line", "bar"):
        raise ValueError("a chart is line or bar, its few series all as long as its x")
    return Block("chart", chart["title"], chart)


def parse(path: Path) -> tuple[dict[str, Any], list[Block]]:
    """Returns the front matter and the blocks of a source.

    The dialect: ``key: value`` lines between ``---``; headings ``#`` to ``###``; one paragraph a
    line; bullets of two levels; ``>`` boxed notes; pipe tables, captioned ``표 1. …`` before and
    ``주: …`` after; ``chart`` fences of ``key: value`` lines.

    Raises:
        SystemExit: names file and line of anything else, lest mark-up be printed as text.
    """
    lines = [line.rstrip() for line in path.read_text(encoding="utf-8").splitlines()]
    blocks: list[Block] = []
    at = 0
    try:
        end = lines.index("---", 1) + 1
        meta = read_keys(lines[1 : end - 1], ("title", "subtitle", "date", "running_head"))
        while (at := end) < len(lines):
            line, end = lines[at], at + 1
            mark = next((mark for mark in MARKS if line.startswith(mark)), "")
            if missing := {c for c in line if ord(c) not in getFont(REGULAR).face.charToGlyph}:
                raise ValueError(f"the font has no glyph for {sorted(missing)}")
            if line == "```chart":
                end = lines.index("```", at) + 1
                blocks.append(read_chart(lines[at + 1 : end - 1]))
            elif NO_INLINE.search(line) or (not mark and NO_START.match(line)):
                raise ValueError(f"not in this script's Markdown: {line[:40]}")
            elif line.startswith("|"):
                while end < len(lines) and lines[end].startswith("|"):
                    end += 1
                captioned = blocks and re.match(r"표 \d+(-\d+)?\. ", blocks[-1].text)
                caption = blocks.pop().text if captioned else ""
                blocks.append(read_table(lines[at:end], caption))
            elif NOTE.match(line) and blocks and blocks[-1].kind in ("table", "chart"):
                blocks[-1].note += ("\n" if blocks[-1].note else "") + line
            elif line:
                blocks.append(Block(MARKS.get(mark, "p"), line[len(mark) :]))
    except ValueError as error:
        raise SystemExit(f"error: {path}:{at + 1}: {error}") from error
    return meta, blocks


def make_styles(size: float) -> dict[str, ParagraphStyle]:
    """Returns the paragraph styles of a document whose body is set in `size` points.

    Lines break at spaces only. wordWrap="CJK" would break them within words, after which the
    extracted text no longer tells where a word ends, and reportlab could not justify them.
    """

    def style(scale: float, lead: float, before: float, after: float, **look: Any) -> Any:
        look = {"fontName": REGULAR, "bulletFontName": REGULAR, "textColor": INK} | look
        look |= {"fontSize": size * scale, "leading": size * scale * lead}
        return ParagraphStyle("", **look, spaceBefore=size * before, spaceAfter=size * after)

    bold: dict[str, Any] = {"fontName": BOLD, "textColor": NAVY}
    flush: dict[str, Any] = {"alignment": TA_JUSTIFY, "spaceShrinkage": 0.25}
    box = flush | {"backColor": BOX_FILL, "borderColor": NAVY, "borderWidth": 0.5}
    return {
        "p": style(1, 1.65, 0.6, 0.7, allowWidows=0, allowOrphans=0, **flush),
        "h1": style(1.6, 1.4, 1.6, 0.5, **bold),
        "h2": style(1.2, 1.5, 1.3, 0.6, **bold),
        "h3": style(1.04, 1.5, 1.1, 0.4, **bold),
        "b1": style(1, 1.6, 0.35, 0.35, leftIndent=18, bulletIndent=3, **flush),
        "b2": style(0.96, 1.6, 0.35, 0.35, leftIndent=32, bulletIndent=19, **flush),
        "box": style(0.95, 1.6, 1.5, 2.1, leftIndent=9, rightIndent=9, borderPadding=8, **box),
        "caption": style(0.92, 1.5, 0.6, 0.4, **bold),
        "note": style(0.8, 1.5, 0.3, 1, textColor=GREY),
        "cell": style(0.86, 1.4, 0, 0),
        "head": style(0.86, 1.4, 0, 0, alignment=TA_CENTER, **bold),
        "title": style(2.6, 1.35, 0, 1.8, **bold),
        "subtitle": style(1.3, 1.6, 0, 0, textColor=GREY),
        "date": style(1.2, 1.5, 35, 0),
    }


def set_table(block: Block, styles: dict[str, ParagraphStyle], width: float) -> rl.Table:
    """Returns a ruled table as wide as `width` whose shaded header is repeated on every page."""
    least, widths, looks, size = [], [], [], styles["cell"].fontSize
    for number, column in enumerate(zip(*block.data, strict=True)):
        # As if all in bold, like the header: a little too wide rather than a word broken.
        widths.append(max(stringWidth(cell, BOLD, size) for cell in column) + 13)
        least.append(max(stringWidth(word, BOLD, size) for word in " ".join(column).split()) + 13)
        numeric = all(NUMERAL.fullmatch(cell) for cell in column[1:] if cell)
        way = TA_RIGHT if numeric else TA_CENTER if max(map(len, column[1:])) <= 8 else TA_LEFT
        looks.append(ParagraphStyle("", styles["cell"], alignment=way if number else TA_LEFT))
    while sum(widths) > width:  # narrow the one with most room beside its longest word
        slack = [one - word for one, word in zip(widths, least, strict=True)]
        widths[slack.index(max(slack))] -= 1
    widths = [one + (width - sum(widths)) / len(widths) for one in widths]
    cells = [[rl.Paragraph(escape(text), styles["head"]) for text in block.data[0]]]
    for row in block.data[1:]:
        cells.append([rl.Paragraph(escape(t), look) for t, look in zip(row, looks, strict=True)])
    whole, top = ((0, 0), (-1, -1)), ((0, 0), (-1, 0))
    rules: list[Any] = [("GRID", *whole, 0.4, RULE), ("VALIGN", *whole, "MIDDLE")]
    rules += [("BACKGROUND", *top, HEADER_FILL), ("BOTTOMPADDING", *whole, 4.5)]
    rules += [(f"LINE{at}", (0, n), (-1, n), 1.1, NAVY) for at, n in (("ABOVE", 0), ("BELOW", -1))]
    return rl.Table(cells, widths, repeatRows=1, style=rules)


def draw_chart(block: Block, styles: dict[str, ParagraphStyle], width: float) -> Drawing:
    """Returns a line or bar chart as vectors, its legend above the plot."""
    series, labels = block.data["series"], [str(label) for label in block.data["x"]]
    size, line = styles["note"].fontSize, block.data["type"] == "line"
    height, tick = width * (0.42 if width > 300 else 0.62), size * 0.88
    plot = HorizontalLineChart() if line else VerticalBarChart()
    drawing, x, y = Drawing(width, height, plot), 6.0, height - 10
    for number, (name, color) in enumerate(zip(series, SERIES, strict=False)):
        if x + (advance := stringWidth(name, REGULAR, size) + 26) > width:
            x, y = 6.0, y - 12
        drawing.add(Rect(x, y, 10, 6, fillColor=color, strokeColor=None))
        drawing.add(String(x + 14, y, name, fontName=REGULAR, fontSize=size, fillColor=INK))
        x += advance
        look = plot.lines[number] if line else plot.bars[number]
        look.strokeColor, look.strokeWidth = (color, 1.5) if line else (None, 0)
        if line:
            look.symbol = makeMarker("FilledCircle", size=4, fillColor=color, strokeColor=color)
        else:
            look.fillColor, plot.groupSpacing, plot.barSpacing = color, 8, 0.5
    plot.data = [tuple(row) for row in series.values()]
    plot.x, plot.y, plot.width, plot.height = 32, 16, width - 40, y - 26
    values = [v for row in series.values() for v in row if v is not None] + ([] if line else [0])
    low, high = min(values), max(values)
    steps = ((e, f * 10.0**e) for e in range(-3, 12) for f in (1, 2, 5))
    exponent, step = next((e, s) for e, s in steps if high - low <= 6 * s)
    axis, names = plot.valueAxis, plot.categoryAxis
    axis.valueMin, axis.valueStep = math.floor(low / step) * step, step
    axis.valueMax = math.ceil(high / step + 0.25) * step
    axis.labelTextFormat = lambda value: f"{round(value, 3) + 0:,.{max(-exponent, 0)}f}"
    axis.visibleGrid, axis.gridStrokeColor, axis.gridStrokeWidth = True, RULE, 0.3
    # Labels are thinned out where they would touch, but the latest period keeps its own.
    widest = max(stringWidth(label, REGULAR, tick) for label in labels) + 3
    every = math.ceil(widest * len(labels) / plot.width)
    names.categoryNames = ["" if (n + 1 - len(labels)) % every else t for n, t in enumerate(labels)]
    names.joinAxisMode, names.labelAxisMode = "bottom", "low"
    for one in (axis, names):
        one.strokeColor, one.strokeWidth, one.labels.fillColor = GREY, 0.5, INK
        one.labels.fontName, one.labels.fontSize = REGULAR, tick
    return drawing


def set_block(block: Block, styles: dict[str, ParagraphStyle], width: float) -> list[rl.Flowable]:
    """Returns what sets one block; where that is several flowables, they belong together."""
    text = escape(block.text)
    if block.kind in ("table", "chart"):
        part = set_table if block.kind == "table" else draw_chart
        note = rl.Paragraph(escape(block.note).replace("\n", "<br/>"), styles["note"])
        return [rl.Paragraph(text, styles["caption"]), part(block, styles, width), note]
    bullet = {"b1": "•", "b2": "–"}.get(block.kind)
    if bullet and (own := re.match(r"(\d+\.|[가-하]\.) ", text)):  # then a bullet is too much
        bullet, text = own[1], text[own.end() :]
    rule = [rl.HRFlowable("100%", 0.8, color=NAVY, spaceAfter=10)] * (block.kind == "h1")
    return [rl.Paragraph(text, styles[block.kind], bulletText=bullet), *rule]


def draw_page(canvas: Any, document: Any) -> None:
    """Draws a page's furniture: a bar and, but for the cover, running head and page number."""
    bar = 26 if document.page == 1 else 7
    canvas.setFillColor(NAVY)
    canvas.rect(0, A4[1] - bar, A4[0], bar, stroke=0, fill=1)
    if document.page > 1:
        canvas.setFillColor(GREY)
        canvas.setStrokeColor(RULE)
        canvas.line(SIDE, A4[1] - 65, A4[0] - SIDE, A4[1] - 65)
        canvas.setFont(REGULAR, 8)
        canvas.drawString(SIDE, A4[1] - 58, document.subject)
        canvas.drawCentredString(A4[0] / 2, 42, f"- {document.page} -")


def make_pdf(source: Path, target: Path) -> int:
    """Sets `source` as the PDF `target` and returns how many pages that has."""
    meta, blocks = parse(source)
    columns = int(meta.get("columns", 1))
    styles = make_styles(10 if columns == 1 else 9.4)
    full, height = A4[0] - 2 * SIDE, A4[1] - TOP - BOTTOM
    width = (full - GUTTER * (columns - 1)) / columns
    lefts = (SIDE + n * (width + GUTTER) for n in range(columns))
    frames = [rl.Frame(left, BOTTOM, width, height, 0, 0, 0, 0) for left in lefts]
    cover = rl.PageTemplate("cover", [rl.Frame(SIDE, 60, full, 560, 0, 0, 0, 0)], onPage=draw_page)
    templates = [cover, rl.PageTemplate("page", frames, onPage=draw_page)]
    about = {"title": meta["title"], "author": meta["running_head"].split(" │ ")[0], "lang": "ko"}
    about |= {"subject": meta["running_head"], "pagesize": A4}
    # invariant: no time stamp, so that the same source gives the same bytes.
    document = rl.BaseDocTemplate(str(target), pageTemplates=templates, invariant=1, **about)
    bar = rl.HRFlowable(54, 4, color=NAVY, hAlign="LEFT", spaceAfter=16)
    front = [rl.Paragraph(escape(meta[k]), styles[k]) for k in ("title", "subtitle", "date")]
    story: list[rl.Flowable] = [bar, *front, rl.NextPageTemplate("page"), rl.PageBreak()]
    waiting: list[rl.Flowable] = []  # headings and lead-ins, kept with what follows them
    for block, after in zip(blocks, [*blocks[1:], Block("end")], strict=True):
        waiting += set_block(block, styles, width)
        tall = len(block.text) > 300  # kept whole, such a paragraph might leave half a page empty
        if block.kind[0] != "h" and (tall or (block.kind, after.kind) != ("p", "b1")):
            room = rl.CondPageBreak(60 * len(waiting))
            story += [room, *waiting] if tall else [rl.KeepTogether(waiting)]
            waiting = []
    document.build(story + waiting)
    return int(document.page)


def main() -> None:
    """Sets the documents that the command line names."""
    parser = argparse.ArgumentParser(description="Sets the sample documents as PDFs.")
    parser.add_argument("--font-dir", type=Path, default="/usr/share/fonts/truetype/nanum")
    parser.add_argument("--only", metavar="NAME", default="*", help="one document: risk_report")
    options = parser.parse_args()
    for name in (REGULAR, BOLD):
        if not (path := options.font_dir / f"{name}.ttf").is_file():
            parser.error(f"no font {path}: try apt-get install fonts-nanum, or --font-dir")
        registerFont(TTFont(name, str(path)))
    if not (sources := sorted(SOURCES.glob(f"{options.only}.md"))):
        parser.error(f"no {options.only}.md in {SOURCES}")
    for source in sources:
        target = TARGET / f"{source.stem}.pdf"
        print(f"{target.name}: {make_pdf(source, target)} pages, {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
