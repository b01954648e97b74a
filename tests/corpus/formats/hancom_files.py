"""Writes HWPX files from OWPML and, by python-hwpx, the same documents as HWP 5; sets flags of HWP 5 files."""

import warnings
import zipfile
from io import BytesIO
from pathlib import Path

import olefile
from hwpx import HwpxDocument

NUMBERED, NUMBERED_INSIDE, BULLETED = 20, 21, 22  # paragraph shapes that `write_hwpx` adds
CONTENTS_STYLE = 19  # 차례 1
_FLAGS_AT = 36


def paragraph(content="", shape=0, style=0):
    """A paragraph of runs; a text without markup is one run."""
    inside = content if content.startswith("<") else text(content)
    return (
        f'<hp:p id="0" paraPrIDRef="{shape}" styleIDRef="{style}" pageBreak="0" columnBreak="0" merged="0">'
        f"{inside}</hp:p>"
    )


def heading(content, level):
    """A paragraph of the outline style of that level."""
    return paragraph(content, level + 1, level + 1)


def text(content):
    """A run of text, which may hold inline elements."""
    return f'<hp:run charPrIDRef="0"><hp:t>{content}</hp:t></hp:run>'


def control(content):
    """A run with one control."""
    return f'<hp:run charPrIDRef="0"><hp:ctrl>{content}</hp:ctrl></hp:run>'


def sublist(*paragraphs):
    """The paragraphs of a cell, note or box."""
    return (
        '<hp:subList id="" textDirection="HORIZONTAL" lineWrap="BREAK" vertAlign="TOP" linkListIDRef="0" '
        'linkListNextIDRef="0" textWidth="0" textHeight="0" hasTextRef="0" hasNumRef="0">'
        f"{''.join(paragraphs)}</hp:subList>"
    )


def automatic_number(kind, number, suffix=""):
    """A number that the word processor counts."""
    looks = f'<hp:autoNumFormat type="DIGIT" userChar="" prefixChar="" suffixChar="{suffix}" supscript="0"/>'
    return control(f'<hp:autoNum num="{number}" numType="{kind}">{looks}</hp:autoNum>')


def note(kind, number, content):
    """A footnote (`footNote`) or endnote (`endNote`)."""
    inside = sublist(paragraph(automatic_number(kind.upper(), number, ")") + text(content)))
    return control(f'<hp:{kind} number="{number}" suffixChar="41" instId="{number}">{inside}</hp:{kind}>')


_SIZE = (
    '<hp:sz width="30000" widthRelTo="ABSOLUTE" height="3000" heightRelTo="ABSOLUTE" protect="0"/>'
    '<hp:pos treatAsChar="0" affectLSpacing="0" flowWithText="1" allowOverlap="0" holdAnchorAndSO="0" vertRelTo="PARA" '
    'horzRelTo="COLUMN" vertAlign="TOP" horzAlign="LEFT" vertOffset="0" horzOffset="0"/>'
    '<hp:outMargin left="283" right="283" top="283" bottom="283"/>'
)


def caption(*paragraphs):
    """The caption of a table or a picture."""
    inside = sublist(*paragraphs)
    return f'<hp:caption side="TOP" fullSz="0" width="8504" gap="850" lastWidth="30000">{inside}</hp:caption>'


def table(rows, columns, cells, above=""):
    """A paragraph with a table; a cell is (row, column, content, rows, columns)."""
    written = [
        [
            f'<hp:tc name="" header="0" hasMargin="0" protect="0" editable="0" dirty="0" borderFillIDRef="1">'
            f"{sublist(content if content.startswith('<hp:p ') else paragraph(content))}"
            f'<hp:cellAddr colAddr="{column}" rowAddr="{row}"/><hp:cellSpan colSpan="{wide}" rowSpan="{high}"/>'
            '<hp:cellSz width="10000" height="1000"/>'
            '<hp:cellMargin left="510" right="510" top="141" bottom="141"/></hp:tc>'
            for row, column, content, high, wide in (cell if len(cell) == 5 else (*cell, 1, 1) for cell in cells)
            if row == at
        ]
        for at in range(rows)
    ]
    body = "".join(f"<hp:tr>{''.join(row)}</hp:tr>" for row in written)
    return paragraph(
        '<hp:run charPrIDRef="0"><hp:tbl id="1" zOrder="0" numberingType="TABLE" textWrap="TOP_AND_BOTTOM" '
        'textFlow="BOTH_SIDES" lock="0" dropcapstyle="None" pageBreak="CELL" repeatHeader="1" '
        f'rowCnt="{rows}" colCnt="{columns}" cellSpacing="0" borderFillIDRef="1" noAdjust="0">{_SIZE}{above}'
        f'<hp:inMargin left="510" right="510" top="141" bottom="141"/>{body}</hp:tbl><hp:t/></hp:run>'
    )


def write_hwpx(path: Path, *paragraphs: str, edits=()):
    """Writes the paragraphs as a whole HWPX file; `edits` are (member, old, new) on top."""
    with warnings.catch_warnings(action="ignore"):
        blank = HwpxDocument.new().to_bytes()
    edits = [("Contents/section0.xml", "</hs:sec>", "".join(paragraphs) + "</hs:sec>"), *_DEFINITIONS, *edits]
    with zipfile.ZipFile(BytesIO(blank)) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            for member, old, new in edits:
                if member == name:
                    assert old in content.decode()
                    content = content.decode().replace(old, new).encode()
            target.writestr(name, content)
    return path


def write_hwp(path: Path, hwpx: Path):
    """Writes the document of an HWPX file as HWP 5."""
    with warnings.catch_warnings(action="ignore"):
        HwpxDocument.open(str(hwpx)).save_to_path(str(path))
    return path


def set_flag(path: Path, bit: int):
    """Sets a flag in the header of an HWP 5 file."""
    with olefile.OleFileIO(str(path), write_mode=True) as ole:
        header = bytearray(ole.openstream("FileHeader").read())
        header[_FLAGS_AT + bit // 8] |= 1 << bit % 8
        ole.write_stream("FileHeader", bytes(header))


def _shape(number, kind, level):
    return (
        f'<hh:paraPr id="{number}" tabPrIDRef="0" condense="0" fontLineHeight="0" snapToGrid="1" '
        'suppressLineNumbers="0" checked="0" textDir="LTR"><hh:align horizontal="JUSTIFY" vertical="BASELINE"/>'
        f'<hh:heading type="{kind}" idRef="1" level="{level}"/></hh:paraPr>'
    )


_BULLET = (
    '<hh:bullets itemCnt="1"><hh:bullet id="1" char="□" useImage="0"><hh:paraHead level="0" align="LEFT" '
    'useInstWidth="0" autoIndent="1" widthAdjust="0" textOffsetType="PERCENT" textOffset="50" numFormat="DIGIT" '
    'charPrIDRef="4294967295" checkable="0"/></hh:bullet></hh:bullets>'
)
_SHAPES = _shape(NUMBERED, "NUMBER", 0) + _shape(NUMBERED_INSIDE, "NUMBER", 1) + _shape(BULLETED, "BULLET", 0)
_HEADER = "Contents/header.xml"
_DEFINITIONS = [
    (_HEADER, "</hh:numberings>", f"</hh:numberings>{_BULLET}"),
    (_HEADER, "</hh:paraProperties>", f"{_SHAPES}</hh:paraProperties>"),
    (_HEADER, '<hh:paraProperties itemCnt="20">', '<hh:paraProperties itemCnt="23">'),
]
