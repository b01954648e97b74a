"""How fast 10,000 pages are read, whether memory stays flat, and what one document more costs.

The pages are those of the sample PDFs, over and over under new names. Not covered: documents of very many pages.
"""

import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

import psutil
import pymupdf

from finsmith.core.params import load_params
from finsmith.corpus.ingest import ingest
from finsmith.corpus.params import IngestParams

SAMPLE = Path("data/raw")
TOKENIZER = Path("models/base/tokenizer.json")
PARTS = 10  # of the run, for each of which the most memory is told


def main(pages: int) -> None:
    """Prints pages a second and the most memory in each tenth of the run, then the seconds for one more document."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = copy_sample(folder / "pdf", pages)
        with memory() as samples:
            seconds = timed(lambda: run(folder))
        print(f"{made:,} pages in {seconds:,.0f} s: {made / seconds:.1f} pages/s")
        size = -(-len(samples) // PARTS)
        for part in range(0, len(samples), size):
            print(f"  from {part / len(samples):4.0%}: {max(samples[part : part + size]) / 2**20:7,.0f} MB")
        shutil.copy(next(SAMPLE.glob("pdf/*.pdf")), folder / "pdf" / "one more.pdf")
        print(f"one document more: {timed(lambda: run(folder)):,.1f} s")


def copy_sample(folder: Path, pages: int) -> int:
    """Copies PDFs until there are so many pages; gives their number."""
    folder.mkdir()
    made = 0
    for number, source in enumerate(cycle(sorted(SAMPLE.glob("pdf/*.pdf")))):
        if made >= pages:
            break
        shutil.copy(source, folder / f"{number:05}.pdf")
        with pymupdf.open(source) as pdf:
            made += pdf.page_count
    return made


def run(folder: Path) -> None:
    """Ingests the folder's PDFs with the sample's glossary."""
    ingest(folder / "pdf", SAMPLE / "glossary", TOKENIZER, load_params(IngestParams), folder / "corpus")


def timed(work: Callable[[], None]) -> float:
    """The seconds it took."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


@contextmanager
def memory() -> Iterator[list[int]]:
    """A list that fills, every second, with the bytes this process and its workers hold (shared pages once)."""
    samples: list[int] = []
    done = threading.Event()

    def watch() -> None:
        while not done.wait(1):
            samples.append(held(psutil.Process()))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield samples
    finally:
        done.set()
        thread.join()


def held(process: psutil.Process) -> int:
    """Bytes of memory of the process and all below it."""
    total = 0
    for one in (process, *process.children(recursive=True)):
        try:
            total += one.memory_full_info().pss
        except psutil.Error:  # it has just ended
            continue
    return total


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
