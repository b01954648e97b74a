"""The documents are held against the code: what they name exists, and what exists is named."""

import inspect
import re
import shutil
import tomllib
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml

from finsmith.cli import COMMANDS
from finsmith.core.records import Example, Provenance, Question
from finsmith.curation import answers, duplicates, filters, size
from finsmith.evaluation import evaluate, evaluators
from finsmith.generation import generate, prompting

from .curation.rows import apply, context
from .generation.made import TEXT, Teacher, in_turn, material, passage, term, user_text

ROOT = Path(__file__).parents[1]
READMES = ("README.md", "README.ko.md")
PARAMS = yaml.safe_load((ROOT / "params.yaml").read_text("utf-8"))
STAGES = yaml.safe_load((ROOT / "dvc.yaml").read_text("utf-8"))["stages"]
TARGETS = set(re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.M)[1].split())
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)


def text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def headings(name: str) -> list[int]:
    """The levels of the headings in order, code blocks left out."""
    return [len(marks) for marks in re.findall(r"^(#+) ", _FENCE.sub("", text(name)), re.M)]


def code(name: str) -> str:
    """All that is set as code: fenced blocks and backticked words."""
    content = text(name)
    return "\n".join([*(m[2] for m in _FENCE.finditer(content)), *re.findall(r"`([^`\n]+)`", _FENCE.sub("", content))])


@pytest.mark.parametrize("name", READMES)
def test_make_targets(name):
    """The README names every target of the Makefile and no other."""
    assert set(re.findall(r"\bmake ([a-z][a-z0-9-]*)", code(name))) == TARGETS


@pytest.mark.parametrize("name", READMES)
def test_commands(name):
    """The README names every command of finsmith and no other."""
    assert set(re.findall(r"\bfinsmith ([a-z][a-z-]*)", code(name))) == set(COMMANDS)


def named_parameters(name: str) -> set[str]:
    """The keys after -S and those backticked as `section.key`; for one that -S adds with ++, where it is added."""
    set_here = re.findall(r"-S '?(\+*)([\w.-]+)=", text(name))
    ticked = re.findall(rf"`((?:{'|'.join(PARAMS)})\.[\w.]+)`", _FENCE.sub("", text(name)))
    return {key.rpartition(".")[0] if added else key for added, key in set_here} | set(ticked)


@pytest.mark.parametrize("name", [*READMES, "CONTRIBUTING.md", "docs/architecture.md"])
def test_parameters(name):
    """Each parameter a document names is in params.yaml."""
    unknown = set()
    for key in named_parameters(name):
        found: Any = PARAMS
        for part in key.split("."):
            found = found.get(part) if isinstance(found, dict) else None
        unknown |= {key} if found is None else set()
    assert unknown == set()


@pytest.mark.parametrize("name", READMES)
def test_sections(name):
    """Stages have sections of their own; the README's picture has each stage.

    The parameters of the `validate` stages are the suites, `lineage` and `audit` have nothing to set. `card` is the
    section of a command, `roi` holds assumptions that the report and two commands share.
    """
    picture = next(m[2] for m in _FENCE.finditer(text(name)) if m[1] == "mermaid")
    words = set(re.findall(r"[a-z_]+", re.sub(r'"[^"]*"', "", picture)))
    assert set(PARAMS) - {"card", "roi"} == {
        stage for stage in STAGES if not stage.startswith("validate_") and stage not in ("lineage", "audit")
    }
    assert set(STAGES) <= words


@pytest.mark.parametrize("name", READMES)
def test_file_map(name):
    """Each path of the README's file map exists, and each package is in it."""
    block = next(m[2] for m in _FENCE.finditer(text(name)) if m[2].startswith("dvc.yaml "))
    paths = [line.split()[0] for line in block.splitlines()]
    assert [path for path in paths if not (ROOT / path).exists()] == []
    packages = {f"src/finsmith/{p.parent.name}/" for p in (ROOT / "src/finsmith").glob("*/__init__.py")}
    assert packages <= set(paths)


def test_both_readmes_have_the_same_shape():
    """README.ko.md has the headings, code blocks and table rows of README.md, so neither knows more."""
    first, second = (text(name) for name in READMES)
    assert headings(READMES[0]) == headings(READMES[1])
    assert len(_FENCE.findall(first)) == len(_FENCE.findall(second))
    assert len(re.findall(r"^\|", first, re.M)) == len(re.findall(r"^\|", second, re.M))


def test_dependencies():
    """Each direct dependency has one row in docs/dependencies.md, and each row is one."""
    project = tomllib.loads(text("pyproject.toml"))["project"]
    wanted = [*project["dependencies"], *chain.from_iterable(project["optional-dependencies"].values())]
    rows = re.findall(r"^\| `([\w-]+)` \|", text("docs/dependencies.md"), re.M)
    names = {re.match(r"[\w-]+", line)[0] for line in wanted} - {"finsmith"}  # an extra that takes in another
    assert sorted(rows) == sorted(names)


def test_architecture_lists_the_stages():
    """The stage table of docs/architecture.md has each stage of dvc.yaml, in no other number."""
    table = text("docs/architecture.md").split("## Stages")[1].split("## ")[0]
    assert sorted(re.findall(r"^\| `(\w+)` \|", table, re.M)) == sorted(STAGES)


def test_changelog_names_what_is_registered():
    """The changelog names each stage, recipe and filter."""
    registered = {*STAGES, *generate.GENERATORS, *filters.FILTERS}
    assert [name for name in registered if f"`{name}`" not in text("CHANGELOG.md")] == []


# the examples of CONTRIBUTING.md, run as they stand there


def example_code(path: str) -> str:
    """The code blocks of CONTRIBUTING.md that begin with this path as a comment."""
    blocks = [m[2] for m in _FENCE.finditer(text("CONTRIBUTING.md")) if path in m[2].splitlines()[0]]
    assert blocks
    return "".join(blocks)


def run_example(path: str, into: Any = None) -> dict[str, Any]:
    """The names the block defines, run in its package, or with the names of the module it is to be added to."""
    package = path.removeprefix("src/").rpartition("/")[0].replace("/", ".")
    names = {"__name__": "an_example", "__package__": package} | (dict(vars(into)) if into else {})
    exec(compile(example_code(path), path, "exec"), names)
    return names


@pytest.fixture
def prompts(tmp_path, monkeypatch):
    """The prompt files with those of the examples."""

    def forget():
        for cached in (prompting._environment, prompting._rows):
            cached.cache_clear()

    shutil.copytree(prompting.PROMPTS, tmp_path, dirs_exist_ok=True)
    (tmp_path / "ko/keywords.j2").write_text(example_code("src/finsmith/generation/prompts/ko/keywords.j2"), "utf-8")
    with (tmp_path / "ko/rows.yaml").open("a", encoding="utf-8") as rows:
        rows.write(example_code("src/finsmith/generation/prompts/ko/rows.yaml"))
    monkeypatch.setattr(prompting, "PROMPTS", tmp_path)
    forget()
    yield
    forget()


def row(output: str, source: str = "passage") -> Example:
    return Example(
        recipe="r.x", instruction="묻는다", input="", output=output, provenance=Provenance(sources=(source,))
    )


def test_example_recipe_without_teacher(prompts, monkeypatch):
    """The recipe without a teacher runs once its line is in GENERATORS."""
    names = run_example("src/finsmith/generation/term_category.py")
    recipe = generate.Recipe(names["most"], build=names["build"])
    monkeypatch.setitem(generate.GENERATORS, "term_category", recipe)
    terms = [term("VALPX", "시스템", category="전산"), term("QHCR", "시스템")]
    corpus = material(terms=terms, recipes=("term_category",))
    made = generate.generate(corpus, Teacher(lambda request: "").converse)
    rows = [(e.instruction, e.output) for e in made.examples["term_category"]]
    assert rows == [("VALPX는 어느 분야의 용어인가요?", "전산")]
    assert generate.capacity(corpus)["term_category"] == 1


@pytest.mark.parametrize(
    ("answers", "output", "mended"),
    [
        (["담보, 시세"], ["담보, 시세"], []),
        (["담보, 금리", "담보"], ["담보"], [True]),
        (["금리", "금리"], [], [False, False]),
    ],
)
def test_example_recipe_with_teacher(prompts, monkeypatch, answers, output, mended):
    """The recipe with a teacher asks with its prompt, and replies become a row or rejected replies."""
    names = run_example("src/finsmith/generation/keywords.py")
    recipe = generate.Recipe(names["most"], of_passage=names["talk"])
    monkeypatch.setitem(generate.GENERATORS, "keywords", recipe)
    teacher = Teacher(in_turn(*answers))
    corpus = material([passage(f"{TEXT} 담보와 시세를 다룬다.")], recipes=("keywords",))
    made = generate.generate(corpus, teacher.converse)
    assert user_text(teacher.asked[0]).endswith("지문에 나온 말만 쓰십시오.")
    assert [(e.instruction, e.output) for e in made.examples["keywords"]] == [
        ("다음 글의 핵심 용어를 쓰세요.", one) for one in output
    ]
    assert [reject.mended for reject in made.rejected] == mended


def test_example_row_filter(monkeypatch):
    """The row filter rejects an open output and keeps a whole one."""
    found = run_example("src/finsmith/curation/answers.py", answers)["ends_open"]
    monkeypatch.setitem(filters.FILTERS, "ends_open", filters.each(found))
    kept, rejected, _, _ = apply([row("다음과 같다:"), row("같다.")], context(enabled=("ends_open",)))
    assert [e.output for e in kept] == ["같다."]
    assert [r.reason for r in rejected] == ["output ends with ':'"]


def test_example_set_filter(monkeypatch):
    """The set filter keeps eight rows of a source and rejects the ninth with its count and the source."""
    found = run_example("src/finsmith/curation/duplicates.py", duplicates)["crowded_source"]
    monkeypatch.setitem(filters.FILTERS, "crowded_source", found)
    rows = [row(f"답 {number}") for number in range(9)]
    kept, rejected, _, _ = apply([*rows, row("답", "other")], context(enabled=("crowded_source",)))
    assert len(kept) == 9
    assert [(r.example, r.score, r.against) for r in rejected] == [(rows[8], 9, "passage")]


def test_example_evaluator(monkeypatch):
    """The evaluator answers with the choice of the highest log-likelihood once its line is in EVALUATORS."""

    class Shortest:
        def prompt(self, instruction):
            return instruction

        def log_likelihoods(self, prompts, continuations):
            return [[-float(len(choice)) for choice in of_one] for of_one in continuations]

    score = run_example("src/finsmith/evaluation/evaluators.py", evaluators)["choice_sum"]
    evaluator = evaluators.Evaluator(score, shows_choices=False)
    monkeypatch.setitem(evaluate.EVALUATORS, "choice_sum", evaluator)
    question = Question(
        stem="?", choices=("가나다", "가나", "가", "가나다라"), answer=2, explanation="", source="", evidence=""
    )
    changes = {"evaluators": ("choice_sum",), "headline": "choice_sum"}
    params = evaluate.EvaluateParams.model_validate(PARAMS["evaluate"] | changes)
    sitting = evaluate.predict([question], Shortest(), "base", params.setting([]), params)
    assert [p.predicted for p in sitting.predictions] == [2]


def test_examples_have_the_real_signatures():
    """Each example function takes the parameters, by name and type, of a real one of its kind."""
    from finsmith.generation import glossary_qa, summary

    def shape(function):
        return [(p.name, str(p.annotation).rpartition(".")[2]) for p in inspect.signature(function).parameters.values()]

    term_category = run_example("src/finsmith/generation/term_category.py")
    keywords = run_example("src/finsmith/generation/keywords.py")
    pairs = [
        (term_category["build"], glossary_qa.build),
        (term_category["most"], glossary_qa.most),
        (keywords["talk"], summary.talk),
        (keywords["most"], summary.most),
        (run_example("src/finsmith/curation/answers.py", answers)["ends_open"], size.length),
        (run_example("src/finsmith/curation/duplicates.py", duplicates)["crowded_source"], filters.novelty),
        (run_example("src/finsmith/evaluation/evaluators.py", evaluators)["choice_sum"], evaluators.letter),
    ]
    assert [shape(ours) for ours, _ in pairs] == [shape(real) for _, real in pairs]
