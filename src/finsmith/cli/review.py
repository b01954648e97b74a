"""Commands that people review rows with: on the page, or in another tool by way of its files.

Not covered: what follows from decisions; the pipeline does it.
"""

import getpass
import sys
import webbrowser
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from finsmith.core.errors import ParamsError, SourceError
from finsmith.core.params import load_params
from finsmith.core.state import state_dir

from .places import CORPUS, documents_folder

if TYPE_CHECKING:
    from finsmith.core.records import Passage
    from finsmith.review.page.desk import Picture
    from finsmith.review.page.library import Library
    from finsmith.review.params import ReviewParams
    from finsmith.review.queue import Queue
    from finsmith.review.queue_file import Sources

_FILTERED, _SAMPLE = Path("data/filtered"), Path("data/quality/sample.csv")


def review(
    reviewer: str = "", host: str = "127.0.0.1", port: int = 8765, no_open: bool = False, new_links: bool = False
) -> None:
    """Opens the page on which people judge rows; `--reviewer` says who, `--new-links` makes earlier links void."""
    from finsmith.review.page.access import Access, is_loopback
    from finsmith.review.page.app import listen, make_app, names_of, serve
    from finsmith.review.page.desk import Desk
    from finsmith.review.params import ReviewParams

    params, state = load_params(ReviewParams), state_dir("review")
    names = _names(reviewer, params)
    _need_rows()
    library = _library()
    decisions, access = Path(params.decisions), Access(state / "links.json")
    if new_links:
        access.forget()
    with (
        listen(host, port) as listening,
        Desk(state / "queue.sqlite", _sources, library, decisions, params, _pictures) as desk,
    ):
        shown = f"[{host}]" if ":" in host else host
        links = {name: access.link(name, f"http://{shown}:{listening.getsockname()[1]}") for name in names}
        for name, link in links.items():
            print(f"{_told(name, desk.progress(name))}  {link}")
        if not is_loopback(host):
            print("Others can reach this server: the way to it must be encrypted. Put TLS in front (docs/review.md).")
        print("Ctrl-C ends it.", flush=True)
        with nullcontext() if no_open else _opened(links[names[0]], state), suppress(KeyboardInterrupt):
            serve(make_app(desk, access, names_of(host)), listening)
        for name in names:
            progress = desk.progress(name)
            print(_told(name, progress))
            doubtful, others = progress["doubtful"], progress["others"]
            print(
                f"{'':{len(name)}}  wrong: {doubtful['wrong']} of {doubtful['decided']} doubtful rows, "
                f"{others['wrong']} of {others['decided']} others"
            )
    print(f"Decisions are in {decisions}: commit them, and `dvc repro` applies them.")


def export_review(
    tool: str = "label-studio",
    out: str = "reports/review",
    reviewer: str = "",
    decided: bool = False,
    words: str = "ko",
) -> None:
    """Writes what waits for people as files for `--tool` label-studio or argilla; `--decided` adds what is decided."""
    from finsmith.review.exchange.tasks import FOLDERS, tasks
    from finsmith.review.exchange.tools import tool_of
    from finsmith.review.exchange.words import words_of
    from finsmith.review.params import ReviewParams

    chosen, shown, params = tool_of(tool), words_of(words), load_params(ReviewParams)
    name = _names(reviewer, params)[0] if reviewer else ""
    with _queue(params) as queue:
        items = queue.items(name, decided)
        for kind, folder in FOLDERS.items():
            if those := [item for item in items if item.kind == kind]:
                path = Path(out) / tool / folder
                chosen.write(path, kind, tasks(queue, _library(), those), shown)
                print(f"{len(those):>9,}  {path}")
    print("`finsmith import-review` takes what people said there (docs/review.md)." if items else "none wait")


def import_review(file: str, tool: str = "label-studio", reviewer: str = "", people: str = "") -> None:
    """Takes what people said in another tool as decisions; `--people ID=NAME,…` says who they are."""
    from finsmith.core.records import SourceReject
    from finsmith.review.course import read_decisions
    from finsmith.review.exchange.answers import MOST_SECONDS, Answer, reviewers_of, take
    from finsmith.review.exchange.tools import tool_of
    from finsmith.review.journal import Journal
    from finsmith.review.params import ReviewParams

    params, path = load_params(ReviewParams), Path(file)
    if not path.exists():
        raise SourceError(f"{path}: not found.")
    read = list(tool_of(tool).read(path))
    answers = [one for one in read if isinstance(one, Answer)]
    names = reviewers_of(answers, reviewer, _pairs(people))
    for name in names.values():
        _names(name, params)
    with _queue(params) as queue:
        folder = Path(params.decisions)
        taken = take(answers, names, queue, Journal(folder), read_decisions(folder).decisions)
    for reject in [one for one in read if isinstance(one, SourceReject)] + taken.rejects:
        print(f"{path.name}, {reject.place}: {reject.reason}", file=sys.stderr)
    refused = len(read) - taken.new - taken.known
    print(f"{taken.new} decisions taken, {taken.known} known before, {refused} not taken")
    if taken.cut:
        print(f"{taken.cut} took longer than {MOST_SECONDS:.0f} seconds and count as that long")
    print(f"Decisions are in {folder}: commit them, and `dvc repro` applies them.")


@contextmanager
def _queue(params: "ReviewParams") -> Iterator["Queue"]:
    """The queue of the last run's rows with what everybody has said so far."""
    from finsmith.review.course import by_person, read_decisions
    from finsmith.review.queue import open_queue

    _need_rows()
    said = by_person(read_decisions(Path(params.decisions)).decisions)
    with open_queue(state_dir("review") / "queue.sqlite", _sources(), params, said) as queue:
        yield queue


def _pairs(people: str) -> dict[str, str]:
    """Names by the tool's ids, as `--people` gives them."""
    pairs = [one.partition("=") for one in people.split(",") if one.strip()]
    if bad := next((one for one, mark, name in pairs if not (mark and one.strip() and name.strip())), None):
        raise ParamsError(f"--people: {bad!r} names nobody; it must be ID=NAME, several with commas between.")
    return {one.strip(): name.strip() for one, _, name in pairs}


def _told(name: str, progress: Mapping[str, Any]) -> str:
    """How far a reviewer is."""
    return f"{name}: {progress['decided']} decided, {progress['open'] + progress['skipped']} open"


def _need_rows() -> None:
    if not (_FILTERED / "kept.jsonl").exists():
        raise SourceError(f"{_FILTERED}/kept.jsonl: not found. It is written by the pipeline: run `dvc repro`.")


def _library() -> "Library":
    from finsmith.review.page.library import Library

    return Library(CORPUS / "passages.jsonl", CORPUS / "terms.jsonl", _FILTERED / "rejected.jsonl")


def _names(reviewer: str, params: "ReviewParams") -> list[str]:
    """Whose links are made: of the one named, else of those in the parameters; who is logged in, where none is."""
    from finsmith.review.decisions import reviewer_name

    adjudicator = [params.adjudicator] if params.adjudicator else []
    try:
        if reviewer:
            found = [reviewer_name(reviewer)]
        else:
            found = [*(params.reviewers or [reviewer_name(getpass.getuser())]), *adjudicator]
    except (ValueError, OSError, KeyError) as error:
        raise ParamsError(f"--reviewer {reviewer!r}: {error}. Say who you are with --reviewer NAME.") from error
    if params.reviewers and found[0] not in [*params.reviewers, *adjudicator]:
        raise ParamsError(f"--reviewer {found[0]}: `review.reviewers` has {', '.join(params.reviewers)}. Add the name.")
    return found


def _sources() -> "Sources":
    """The files that the queue is made of, as they are now."""
    from finsmith.review.queue_file import Sources, sample_ids
    from finsmith.testset.candidates import candidate_files
    from finsmith.testset.params import TestsetParams

    return Sources(
        rows=_FILTERED / "kept.jsonl",
        flagged=_FILTERED / "flagged.jsonl",
        judgements=Path("data/judgements/judgements.jsonl"),
        train=Path("data/mixed/train.jsonl"),
        sample=sample_ids(_SAMPLE),
        candidates=tuple(candidate_files(Path(load_params(TestsetParams).candidates))),
    )


def _pictures(passage: "Passage") -> Iterator["Picture"]:
    """The passage's pages, and where on each it begins."""
    from finsmith.corpus.pdf.highlight import pictures_of, top_of
    from finsmith.review.page.desk import Picture

    for number, png in pictures_of(passage, documents_folder()):
        yield Picture(number, png, top_of(passage, number, png))


@contextmanager
def _opened(link: str, state: Path) -> Iterator[None]:
    """Opens the browser by a file that only its owner can read: a command line with the link would show to all."""
    from finsmith.review.page.access import write_private

    path = state / "open.html"
    write_private(path, f'<!doctype html><meta http-equiv="refresh" content="0;url={link}">'.encode())
    webbrowser.open(path.resolve().as_uri())
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
