"""A withdrawn document with a canary in it: where it was, that no byte of it is left, and that the audit sees both."""

import json
import shutil
import subprocess
import sys
import unicodedata

import pytest

from finsmith.core.errors import RecordError, SourceError
from finsmith.core.io import read_jsonl, write_json, write_jsonl
from finsmith.core.records import Document, Paragraph, Reply, Request, StoredCall
from finsmith.history.revisions import Revision, cache_folder, cached, revisions
from finsmith.lineage.checks import Case, audit
from finsmith.lineage.holders import calls_holder, folder_holder, outputs, places_of, stores
from finsmith.lineage.impact import Descent, Impact
from finsmith.lineage.project import INDEX, Project
from finsmith.lineage.walk import Index
from finsmith.lineage.withdraw import adapter_hashes, everything_of, withdraw_everywhere, withdrawal_of
from finsmith.lineage.withdrawals import Withdrawal, fingerprint, holds_text_of, read_withdrawals, withdrawn_files
from finsmith.teacher.store import ResponseStore
from finsmith.tracking.local_traces import LocalTraces
from finsmith.tracking.runs import Run

from .projects import PASSAGES, RAW, SECRET, SHA, make_index, make_project

CANARY = "카나리아7f3a"
SHARED = "본 문서의 저작권은 온빛은행에 있으며 무단으로 옮기거나 나누어 줄 수 없다."


def paragraphs(*texts):
    return tuple(Paragraph(text=text, start=0, kind="text", headings=(), boxes=()) for text in texts)


def dvc(root, *arguments):
    subprocess.run([sys.executable, "-m", "dvc", *arguments], cwd=root, check=True, capture_output=True)


def request(sources, text):
    return Request(
        recipe="summary",
        sources=sources,
        prompt_sha256="a" * 64,
        model="teacher",
        messages=(("user", text),),
        temperature=0.0,
        max_tokens=9,
        seed=1,
    )


def answered(store, sources, question, answer):
    """A stored call; gives its key."""
    asked = request(sources, question)
    used = {"model": "teacher", "finish_reason": "stop", "prompt_tokens": 1, "completion_tokens": 1}
    store.put(asked, Reply(key=asked.key, text=answer, cost_usd=0.0, reference_cost_usd=0.0, **used), 1.0)
    return asked.key


@pytest.fixture
def root(tmp_path, monkeypatch, database):
    """A project with the canary in every place that keeps text, under git and DVC."""
    root = make_project(tmp_path / "project")
    monkeypatch.chdir(root)
    for name in ("MLFLOW_TRACKING_URI", "FINSMITH_STATE"):
        monkeypatch.delenv(name, raising=False)
    shutil.copy(database, root / "mlflow.db")
    raw = root / "data/raw/pdf/규정.pdf"
    raw.parent.mkdir(parents=True)
    raw.write_bytes(RAW)
    read = [(raw.name, SHA, (SHARED, SECRET)), ("남는 문서.pdf", "b" * 64, (SHARED,))]
    documents = [Document(name=name, sha256=of, pages=1, paragraphs=paragraphs(*texts)) for name, of, texts in read]
    write_jsonl(root / "data/corpus/documents.jsonl", documents)
    (root / "reports/report.html").write_text(f"<p>{SECRET.replace(' ', '&#32;')}</p>")
    write_json(root / ".finsmith/documents/entry.json", {"document": {"text": SECRET}})
    for path in (".finsmith/runs/run1/artifacts/report.html", "mlartifacts/1/run1/artifacts/report.html"):
        (root / path).parent.mkdir(parents=True)
        (root / path).write_text(f"<p>{SECRET}</p>")
    exported = json.dumps([{"data": {"sources": SECRET}}]).encode()
    for path, content in (
        ("lineage/p1.html", SECRET.encode()),
        ("review/label-studio/rows/tasks.json", exported),
        ("passages/p1-p1.png", b"\x89PNG"),
    ):
        (root / "reports" / path).parent.mkdir(parents=True)
        (root / "reports" / path).write_bytes(content)
    (root / "models/adapter/weights").write_bytes(b"\0trained on it")
    logged = root / "mlartifacts/1/models/m-1/artifacts/another name"
    logged.parent.mkdir(parents=True)
    logged.write_bytes(b"\0trained on it")
    make_index(root)
    stages = {
        "ingest": {"cmd": "true", "outs": ["data/corpus"]},
        "train": {"cmd": "true", "outs": ["models/adapter", "models/run.json"]},
        "lineage": {"cmd": "true", "outs": [str(INDEX)]},
    }
    write_json(root / "dvc.yaml", {"stages": stages})
    (root / "dvc.lock").unlink()
    subprocess.run(["git", "init", "--quiet"], cwd=root, check=True)
    dvc(root, "init", "--quiet")
    dvc(root, "commit", "--quiet", "--force")
    return root


def files_with_canary(root):
    """By a search through the bytes of every file but git's, for the canary as it is and as JSON may escape it."""
    files = [path for path in root.rglob("*") if path.is_file() and ".git" not in path.parts]
    forms = [CANARY.encode(), CANARY.encode("ascii", "backslashreplace")]
    return {path.relative_to(root).as_posix() for path in files if any(form in path.read_bytes() for form in forms)}


def traced(root, calls):
    """Has the calls as traces in MLflow's file, and in a run that waits; gives the file of the latter."""
    Run.start("generate").trace(calls)
    waiting = root / ".finsmith/runs/waiting/calls.jsonl"
    write_jsonl(waiting, calls)
    return waiting


def calls_in(path):
    return list(read_jsonl(path, StoredCall))


def note(root):
    return withdrawal_of("규정.pdf", root / "data/corpus/documents.jsonl", root / "noted", "계약 종료", "2026-11-23")


def withdraw(root, store):
    withdrawal, cache, versions = note(root), cache_folder(), revisions()
    adapters = adapter_hashes(everything_of(withdrawal, versions, cache), versions, cache)
    asked, kept = store.asked_about(one.id for one in PASSAGES), [cache / "files", root / "mlartifacts"]
    holders = [calls_holder("traces", LocalTraces()), *stores(store)]
    documents, pictures = root / "data/raw/pdf", sorted((root / "reports/passages").glob("*.png"))
    return withdraw_everywhere(withdrawal, adapters, asked, holders, kept, documents, pictures, root / "noted")


def verdict(root, store):
    noted = read_withdrawals(root / "noted")
    with Index(root / INDEX) as index:
        held = [*stores(store), *outputs(root)]
        case = Case(index, Project(root), withdrawals=noted, holders=held, documents=root / "data/raw/pdf")
        return next(one for one in audit(case) if one.check == "withdrawn")


def test_nothing_is_left_but_what_the_pipeline_makes_anew(root, monkeypatch):
    """Every store and artifact is clean at once; the audit names the outputs that still stand, then passes."""
    monkeypatch.setattr("finsmith.tracking.local_traces._AT_ONCE", 2)  # four traces are two pages
    kept = [path for path in root.rglob("*") if path.is_file() and "models" not in path.relative_to(root).parts[0]]
    adapters = [path for path in kept if b"trained on it" in path.read_bytes()]
    with ResponseStore(root / ".finsmith/responses.sqlite") as store:
        by_source = answered(store, (PASSAGES[0].id,), CANARY, "짧다")
        by_text = answered(store, (), f"요약: {SECRET}", "요약이다")
        by_reply = answered(store, (), "무엇인가?", SECRET.replace(" ", "\n"))
        other = answered(store, ("0123456789abcdef",), SHARED, "남는다")
        waiting = traced(root, store.calls([by_source, by_text, by_reply, other]))
        assert len(adapters) == 2 and len(files_with_canary(root)) >= 11
        assert {"mlflow.db", str(waiting.relative_to(root))} < files_with_canary(root)
        said: list[str] = []
        store.db.set_trace_callback(said.append)
        erased = withdraw(root, store)
        assert said.count("VACUUM") == 1
        assert set(erased.places["teacher's replies"]) == {by_source, by_text, by_reply} and store.get(other)
        assert erased.places["traces"] == erased.places["teacher's replies"]
        assert {key for key, _ in LocalTraces().texts()} == {other} and store.calls([other]) == calls_in(waiting)
        assert not any(path.exists() for path in [*adapters, root / "reports/passages/p1-p1.png"])
        outputs_left = {"data/corpus/documents.jsonl", "data/corpus/passages.jsonl", "reports/report.html"}
        assert files_with_canary(root) == outputs_left
        found = verdict(root, store)
        assert found.count == 4 and "규정.pdf is in the corpus" in found.faults  # two of data, one of reports
        make_project(root)  # as the next run makes it, from what stays
        for path in ("documents", "passages"):
            write_jsonl(root / f"data/corpus/{path}.jsonl", [])
        for path in (
            "candidates/summary",
            "candidates/evolve",
            "filtered/kept",
            "mixed/train",
            "judgements/judgements",
        ):
            write_jsonl(root / f"data/{path}.jsonl", [])
        (root / "reports/report.html").unlink()
        make_index(root)
        assert verdict(root, store).passed and not files_with_canary(root)


def test_a_withdrawal_that_was_cut_off_is_ended_by_asking_again(root):
    """Also when the corpus no longer has the document; it is noted once."""
    with ResponseStore(root / ".finsmith/responses.sqlite") as store:
        withdraw(root, store)
        write_jsonl(root / "data/corpus/documents.jsonl", [])
        again = root / "mlartifacts/1/run1/artifacts/report.html"
        again.write_text(SECRET)
        assert withdraw(root, store).places == {"MLflow's artifacts": (str(again.relative_to(root)),)}
        assert len(read_withdrawals(root / "noted")) == 1 and not again.exists()


def test_what_documents_share_is_no_sign(root):
    """A sentence of all the company's documents stays; one of its own is found in any spacing and form of Hangul."""
    told = note(root)
    assert not holds_text_of(SHARED, [told])
    assert holds_text_of(unicodedata.normalize("NFD", SECRET.replace(" ", "\n  ")), [told]) == "규정.pdf"
    assert not holds_text_of(" ".join(SECRET.split()[:7]), [told])


def test_the_note_does_not_hold_the_text(root):
    """Hashes only, which the stage that reads documents goes by."""
    with ResponseStore(root / ".finsmith/responses.sqlite") as store:
        withdraw(root, store)
    assert CANARY not in (root / "noted").read_text("utf-8")
    [noted] = read_withdrawals(root / "noted")
    assert withdrawn_files(root / "noted") == {noted.sha256: "계약 종료"} and len(noted.hashes) > 5


def test_documents_that_are_not_there_are_named(root):
    """With those that are."""
    with pytest.raises(SourceError, match=r"'없음.pdf' is none of the documents read: 규정.pdf, 남는 문서.pdf"):
        withdrawal_of("없음.pdf", root / "data/corpus/documents.jsonl", root / "none", "까닭", "2026-11-23")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("rows.jsonl", json.dumps({"id": 1}) + "\n" + json.dumps({"a": [{"b": SECRET}]}) + "\n"),
        ("escaped.json", json.dumps({"a": SECRET}, ensure_ascii=True, indent=2)),
        ("broken.jsonl", '{"a": "' + SECRET),
        ("page.html", f"<p>{SECRET.replace('이', '&#51060;')}</p>"),
        ("table.csv", f"id,text\n1,{SECRET}\n"),
        ("listing.dir", json.dumps([{"md5": "x", "relpath": SECRET}])),
    ],
)
def test_text_is_found_in_every_kind_of_file(tmp_path, name, content):
    """JSON, JSON Lines, also broken off, HTML, CSV."""
    (tmp_path / name).write_text(content, "utf-8")
    told = Withdrawal(document="d", sha256="e", reason="r", at="a", fingerprint=fingerprint([SECRET], []))
    assert places_of([told], folder_holder("files", tmp_path)) == {str(tmp_path / name): "d"}


def test_text_is_found_in_databases(tmp_path):
    """In any table; a column may hold JSON."""
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(tmp_path / "mlflow.db")) as db, db:
        db.execute("CREATE TABLE tags (key TEXT, value TEXT)")
        db.execute("INSERT INTO tags VALUES ('note', ?)", (json.dumps({"said": SECRET}),))
    told = Withdrawal(document="d", sha256="e", reason="r", at="a", fingerprint=fingerprint([SECRET], []))
    assert places_of([told], folder_holder("files", tmp_path))


@pytest.mark.parametrize("content", ["[{}]", "{}x", "[1]"])
def test_a_note_that_was_broken_is_refused(tmp_path, content):
    """Rather than that a withdrawn document is read again."""
    (tmp_path / "noted").write_text(content)
    with pytest.raises(RecordError, match="noted"):
        withdrawn_files(tmp_path / "noted")


def test_what_a_clean_adapter_shares_stays(tmp_path):
    """Two adapters with the same configuration: the weights of one go, the configuration that both have does not."""
    cache = tmp_path / "cache"
    listings = {"a" * 32 + ".dir": ("1" * 32, "c" * 32), "b" * 32 + ".dir": ("2" * 32, "c" * 32)}
    for md5, files in listings.items():
        write_json(cached(md5, cache), [{"md5": file, "relpath": str(at)} for at, file in enumerate(files)])
    versions = [
        Revision(str(at), "", json.dumps({"stages": {"train": {"outs": [{"path": "models/adapter", "md5": md5}]}}}))
        for at, md5 in enumerate(listings)
    ]
    tainted = Descent("", "", (), {}, 1, 1, "a" * 32 + ".dir", "")
    assert adapter_hashes(Impact((tainted,), (), ()), versions, cache) == {"a" * 32 + ".dir", "1" * 32}
