"""The command that people review rows with. Not covered: what follows from decisions; the pipeline does it."""

import getpass
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from finsmith.core.errors import ParamsError, SourceError
from finsmith.core.params import load_params
from finsmith.core.state import state_dir

from .places import CORPUS, documents_folder

if TYPE_CHECKING:
    from finsmith.core.records import Passage
    from finsmith.review.page.desk import Picture
    from finsmith.review.params import ReviewParams
    from finsmith.review.queue_file import Sources

_FILTERED, _SAMPLE = Path("data/filtered"), Path("data/quality/sample.csv")


def review(
    reviewer: str = "", host: str = "127.0.0.1", port: int = 8765, no_open: bool = False, new_links: bool = False
) -> None:
    """Opens the page on which people judge rows; `--reviewer` says who, `--new-links` makes earlier links void."""
    from finsmith.review.page.access import Access, is_loopback
    from finsmith.review.page.app import listen, make_app, names_of, serve
    from finsmith.review.page.desk import Desk
    from finsmith.review.page.library import Library
    from finsmith.review.params import ReviewParams

    params, state = load_params(ReviewParams), state_dir("review")
    names = _names(reviewer, params)
    if not (_FILTERED / "kept.jsonl").exists():
        raise SourceError(f"{_FILTERED}/kept.jsonl: not found. It is written by the pipeline: run `dvc repro`.")
    library = Library(CORPUS / "passages.jsonl", CORPUS / "terms.jsonl", _FILTERED / "rejected.jsonl")
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
            progress = desk.progress(name)
            print(f"{name}: {progress['decided']} decided, {progress['open'] + progress['skipped']} open  {link}")
        if not is_loopback(host):
            print("Others can reach this server: the way to it must be encrypted. Put TLS in front (docs/review.md).")
        print("Ctrl-C ends it.", flush=True)
        with nullcontext() if no_open else _opened(links[names[0]], state), suppress(KeyboardInterrupt):
            serve(make_app(desk, access, names_of(host)), listening)
        for name in names:
            progress = desk.progress(name)
            print(f"{name}: {progress['decided']} decided, {progress['open'] + progress['skipped']} open")
    print(f"Decisions are in {decisions}: commit them, and `dvc repro` applies them.")


def _names(reviewer: str, params: "ReviewParams") -> list[str]:
    """Whose links are made: of the one named, else of all in the parameters, else of who is logged in."""
    from finsmith.review.decisions import reviewer_name

    known = [*params.reviewers, *filter(None, [params.adjudicator])]
    try:
        found = [reviewer_name(reviewer)] if reviewer else known or [reviewer_name(getpass.getuser())]
    except (ValueError, OSError, KeyError) as error:
        raise ParamsError(f"--reviewer {reviewer!r}: {error}. Say who you are with --reviewer NAME.") from error
    if params.reviewers and found[0] not in known:
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
