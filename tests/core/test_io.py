"""Tests of files in and out."""

import shutil
import subprocess
import sys
import textwrap

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finsmith.core.errors import OutputError, RecordError, SourceError
from finsmith.core.io import atomic_path, read_json, read_jsonl, write_bytes, write_json, write_jsonl, write_text
from finsmith.core.records import SourceReject, Term

REJECT = SourceReject(source="가.pdf", place="page 1", reason="blank")


def _python(code: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", textwrap.dedent(code), *arguments]


@settings(max_examples=50)
@given(st.lists(st.tuples(st.text(), st.text())))
def test_records_come_back_as_written(tmp_path_factory, pairs):
    """Whatever text a record holds, line separators included, it is read back equal and in order."""
    records = [SourceReject(source=one, place="", reason=other) for one, other in pairs]
    path = tmp_path_factory.mktemp("io") / "rows.jsonl"
    write_jsonl(path, records)
    assert list(read_jsonl(path, SourceReject)) == records
    assert path.read_bytes().count(b"\n") == len(records)


def test_records_are_readable_hangul(tmp_path):
    """Hangul stands in the file as itself, not as \\u escapes."""
    write_jsonl(tmp_path / "rows.jsonl", [REJECT])
    expected = '{"source":"가.pdf","place":"page 1","reason":"blank","text":""}\n'
    assert (tmp_path / "rows.jsonl").read_text(encoding="utf-8") == expected


def test_json_has_sorted_keys_and_ends_with_a_newline(tmp_path):
    """JSON files are indented by two with sorted keys, so that equal content is equal bytes."""
    write_json(tmp_path / "m.json", {"나": 2, "가": [1]})
    assert (tmp_path / "m.json").read_text(encoding="utf-8") == '{\n  "가": [\n    1\n  ],\n  "나": 2\n}\n'
    assert read_json(tmp_path / "m.json") == {"가": [1], "나": 2}


def test_text_is_utf8_with_lf(tmp_path):
    """Text is written as UTF-8, line ends untouched, and missing folders are made."""
    write_text(tmp_path / "새" / "폴더" / "t.txt", "금리\n환율\n")
    assert (tmp_path / "새" / "폴더" / "t.txt").read_bytes() == "금리\n환율\n".encode()


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ('{"source": "a", "place": "b"', "the line"),
        ("", "the line"),
        ('{"source": "a", "place": "b"}', "reason"),
        ('{"source": "a", "place": "b", "reason": 3}', "reason"),
        ('{"source": "a", "place": "b", "reason": "c", "page": 1}', "page"),
        ("[1, 2]", "the line"),
    ],
)
def test_broken_line_is_named(tmp_path, line, field):
    """A line that is no such record is an error that names file, line number and field."""
    path = tmp_path / "rejects.jsonl"
    path.write_bytes(orjson.dumps(REJECT.model_dump()) + b"\n" + line.encode() + b"\n")
    rows = read_jsonl(path, SourceReject)
    assert next(rows) == REJECT
    with pytest.raises(RecordError) as caught:
        next(rows)
    assert str(caught.value).startswith(f"{path}:2: {field}: ")


def test_line_that_is_no_utf8_is_named(tmp_path):
    """Bytes in another encoding are a broken line, not a crash."""
    path = tmp_path / "rejects.jsonl"
    path.write_bytes('{"source": "금리", "place": "", "reason": ""}\n'.encode("cp949"))
    with pytest.raises(RecordError, match=r"rejects\.jsonl:1: "):
        list(read_jsonl(path, SourceReject))


def test_edited_record_is_refused(tmp_path):
    """A row changed by hand no longer fits its id, and the message says so with its line."""
    term = Term(
        term="LTV", full_name="", english="", definition="담보인정비율", related=(), category="", source="g", row=2
    )
    path = tmp_path / "terms.jsonl"
    write_jsonl(path, [term, term])
    first, second = path.read_text(encoding="utf-8").splitlines()
    path.write_text(f"{first}\n{second.replace('담보', '보증')}\n", encoding="utf-8")
    with pytest.raises(RecordError, match=rf"terms\.jsonl:2: the line: .*{term.id}.*edited"):
        list(read_jsonl(path, Term))


def test_absent_records_say_how_to_get_them(tmp_path):
    """An absent record file is an error that names it and the way to make it."""
    with pytest.raises(SourceError, match=r"none\.jsonl: not found.*dvc repro"):
        list(read_jsonl(tmp_path / "none.jsonl", SourceReject))


def test_broken_json_is_named(tmp_path):
    """A file that is no JSON is an error that names it."""
    (tmp_path / "m.json").write_text('{"a": ', encoding="utf-8")
    with pytest.raises(RecordError, match=r"m\.json: not valid JSON"):
        read_json(tmp_path / "m.json")


def test_failing_source_of_records_leaves_the_old_file(tmp_path):
    """Where the records themselves fail half-way, the file is as it was and nothing lies beside it."""
    path = tmp_path / "rows.jsonl"
    write_text(path, "old\n")

    def rows():
        yield REJECT
        raise RecordError("the source broke")

    with pytest.raises(RecordError, match="the source broke"):
        write_jsonl(path, rows())
    assert {p.name: p.read_text() for p in tmp_path.iterdir()} == {"rows.jsonl": "old\n"}


def test_nothing_is_seen_before_the_end(tmp_path):
    """While the new content is being written, readers still see the old one."""
    path = tmp_path / "m.txt"
    write_text(path, "old")
    with atomic_path(path) as aside:
        aside.write_text("new")
        assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["m.txt"]
    assert path.read_text() == "new"


def test_folder_that_is_a_file_is_an_output_error(tmp_path):
    """A path under a file cannot be made: one clear error, and the file stays."""
    (tmp_path / "reports").write_text("a file")
    with pytest.raises(OutputError, match=r"reports.m\.json: cannot be written"):
        write_bytes(tmp_path / "reports" / "m.json", b"{}")
    assert (tmp_path / "reports").read_text() == "a file"


WRITE = """
    import sys
    from pathlib import Path
    from finsmith.core.errors import OutputError
    from finsmith.core.io import write_bytes, write_jsonl
    from finsmith.core.records import SourceReject

    {limit}
    path = Path(sys.argv[1])
    row = SourceReject(source="가.pdf", place="page 1", reason="blank" * 50)
    try:
        if sys.argv[2] == "jsonl":
            write_jsonl(path, (row for _ in range(2000)))
        else:
            write_bytes(path, b"x" * 500_000)
    except OutputError as error:
        print(error)
        print({listing})
        sys.exit(3)
"""
LISTING = "[(p.name, p.read_text()) for p in path.parent.iterdir()]"


@pytest.mark.parametrize("kind", ["jsonl", "bytes"])
def test_refused_write_leaves_the_old_file(tmp_path, kind):
    """A write that the system refuses (file size limit) leaves the old file, no rest, and says what to do."""
    pytest.importorskip("resource", reason="file size limits are a thing of POSIX")
    path = tmp_path / "rows.out"
    path.write_text("old\n")
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))"
    code = WRITE.format(limit=limit, listing=LISTING)
    done = subprocess.run(_python(code, str(path), kind), capture_output=True, text=True, check=False)
    assert done.returncode == 3, done.stderr
    message, listing = done.stdout.splitlines()
    assert message.startswith(f"{path}: cannot be written (File too large). Free some space")
    assert listing == "[('rows.out', 'old\\n')]"


@pytest.mark.parametrize("kind", ["jsonl", "bytes"])
def test_full_disk_leaves_the_old_file(tmp_path, kind):
    """A full disk (a tiny tmpfs in a mount namespace of its own) leaves the old file and no rest."""
    unshare = shutil.which("unshare")
    mount = [unshare or "unshare", "--map-root-user", "--mount", "sh", "-c"]
    tiny = f"mount -t tmpfs -o size=64k tmpfs '{tmp_path}'"
    if not unshare or subprocess.run([*mount, tiny], capture_output=True, check=False).returncode:
        pytest.skip("mounting a tmpfs is not permitted here")
    code = WRITE.format(limit="Path(sys.argv[1]).write_text('old\\n')", listing=LISTING)
    run = ' && exec "$0" "$@"'
    command = [*mount, tiny + run, *_python(code, str(tmp_path / "rows.out"), kind)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 3, done.stderr
    message, listing = done.stdout.splitlines()
    assert "cannot be written (No space left on device). Free some space" in message
    assert listing == "[('rows.out', 'old\\n')]"
