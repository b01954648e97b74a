"""`finsmith compare` on a real git and DVC repository with experiments."""

import shutil
from pathlib import Path

import pytest

from finsmith.cli import main
from finsmith.core.io import read_json
from finsmith.history.named import named_revisions

from .repository import QUESTIONS, git, make_repository


@pytest.fixture
def compare(monkeypatch, capsys):
    """Runs the command in a folder: what it said, and compare.json."""

    def run(root, *arguments):
        monkeypatch.chdir(root)
        monkeypatch.setattr("sys.argv", ["finsmith", "compare", *arguments])
        main()
        return capsys.readouterr().out, read_json(root / "reports/compare/compare.json")

    return run


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return make_repository(tmp_path_factory.mktemp("compared") / "repository")


@pytest.fixture
def repository(made, tmp_path):
    """A copy, to be spoiled."""
    return Path(shutil.copytree(made, tmp_path / "copy", symlinks=True))


def test_experiments_beside_the_tree(compare, repository):
    """Without names: the tree and both experiments, with costs, places and the pair that was asked the same."""
    _, told = compare(repository)
    assert [(row["name"], row["accuracy"], row["total_usd"]) for row in told["rows"]] == [
        *(("workspace", 0.4, 3.25), ("less-asked", 0.4444, 3.25), ("더_많이", 0.7, 7.25)),
    ]
    assert told["settings"] == ["model.first", "model.hours", "model.right", "test.leave_out"]
    assert (told["cheapest"], told["best"]) == ("workspace", "더_많이")
    assert told["rows"][2]["usd_per_point_over_cheapest"] == pytest.approx(4 / 30)
    tested = [pair for pair in told["pairs"] if "p" in pair]
    assert [(pair["first"], pair["second"], pair["gained"], pair["lost"]) for pair in tested] == [
        ("workspace", "더_많이", 10, 4)
    ]
    assert tested[0]["p"] == pytest.approx(2942 / 16384)
    left_out = sorted(one.id for one in QUESTIONS[:2])
    assert told["pairs"][0]["unlike"] == {"only in the first": left_out}
    page = (repository / "reports/compare/compare.html").read_text("utf-8")
    assert "더_많이" in page and page.count("<svg") == 2
    assert (repository / "reports/compare/compare.csv").read_text("utf-8").count("\n") == 4


def test_a_pair_by_names(compare, repository):
    """A tag, a commit and an experiment may be named; the questions that the pair differs on are shown."""
    said, told = compare(repository, "HEAD", "--pair", "workspace, 더_많이", "--usd-per-device-hour", "10")
    assert [(row["name"], row["total_usd"]) for row in told["rows"]] == [
        *(("HEAD", 11.25), ("workspace", 11.25), ("더_많이", 31.25)),
    ]
    assert [one["how"] for one in told["differing"]] == ["gained"] * 10 + ["lost"] * 4
    assert "gained  8번 물음은?" in said and "  A 가  ← right, second" in said


def test_a_commit_without_a_run_keeps_its_row(compare, repository):
    """The row has no figures, and the reason is said."""
    said, told = compare(repository, "begun", "HEAD")
    assert told["rows"][0]["accuracy"] is None
    assert "begun: reports/metrics/evaluate.json: not there; `dvc repro` writes it." in said
    assert told["pairs_tested"] == 0


def cached(repository, path):
    """Where the cache keeps what the last commit's dvc.lock has at this path."""
    lock = git(repository, "show", "HEAD:dvc.lock")
    md5 = lock.split(f"path: {path}\n")[1].split("md5: ")[1].split()[0]
    return repository / ".dvc/cache/files/md5" / md5[:2] / md5[2:]


def test_answers_that_are_not_in_the_cache(compare, repository):
    """The row keeps its accuracy and its place; its pair says what to fetch."""
    cached(repository, "data/predictions.jsonl").unlink()
    _, told = compare(repository, "HEAD", "더_많이")
    assert told["rows"][0]["accuracy"] == 0.4 and told["rows"][0]["on_front"]
    assert told["pairs"][0]["reason"].startswith("HEAD: data/predictions.jsonl: not in the cache; `dvc fetch")


@pytest.mark.parametrize("path", ["data/predictions.jsonl", "data/testset"])
def test_tampered_answers_and_questions_are_not_tested(compare, repository, path):
    """A cached file that is not what its name says is refused, even where as many answers are right as before."""
    file = cached(repository, path)
    if file.suffix == ".dir":
        (md5,) = [one["md5"] for one in read_json(file)]
        file = file.parents[1] / md5[:2] / md5[2:]
    file.chmod(0o644)
    lines = file.read_text("utf-8").splitlines(keepends=True)
    file.write_text("".join(reversed(lines)), "utf-8")
    _, told = compare(repository, "HEAD", "더_많이")
    name = "data/predictions.jsonl" if path.endswith("jsonl") else "data/testset/questions.jsonl"
    assert f"HEAD: {name}: its file in the cache is damaged" in told["pairs"][0]["reason"]


def test_metrics_that_were_edited_are_not_shown(compare, repository):
    """A file in the tree that dvc.lock does not name is no result."""
    path = repository / "reports/metrics/evaluate.json"
    path.write_text(path.read_text().replace("0.4", "0.9"))
    said, told = compare(repository, "workspace", "HEAD")
    assert told["rows"][0]["accuracy"] is None and told["rows"][1]["accuracy"] == 0.4
    assert "not the file that its dvc.lock names" in said


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nowhere",), "finsmith: nowhere: no finished experiment, tag, branch or commit"),
        (("--pair", "HEAD"), "finsmith: --pair HEAD: it must be two names with a comma between them."),
    ],
)
def test_what_cannot_be_compared_is_a_sentence(compare, repository, capsys, arguments, says):
    """An unknown name and half a pair end with status 1."""
    with pytest.raises(SystemExit, match="1"):
        compare(repository, *arguments)
    assert capsys.readouterr().err.startswith(says)


def test_predictions_that_are_not_those_of_the_metrics_are_not_tested(compare, repository):
    """Committed together, but by different evaluations: the share of right answers tells."""
    path = "data/predictions.jsonl"
    own, other = (one.outputs[path].md5 for one in named_revisions(["HEAD", "더_많이"], repository))
    lock = (repository / "dvc.lock").read_text()
    (repository / "dvc.lock").write_text(lock.replace(own, other))
    _, told = compare(repository, "workspace", "더_많이")
    assert told["pairs"][0]["reason"] == (
        "workspace: data/predictions.jsonl: it has 0.7000 right by letter, the metrics say 0.4"
    )
