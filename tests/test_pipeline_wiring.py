"""dvc.yaml declares all that a stage imports, reads and names, and params.yaml, stages/ and src/ fit it.

DVC does not follow Python imports: a dependency that is not declared makes `dvc repro` skip work silently. Every check
is a function from declarations to faults, tried on the repository and on copies with one thing broken.
"""

import ast
import copy
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
SRC = ROOT / "src"
CLI = SRC / "finsmith/cli"  # it may import all packages, as a stage does
PARAMS_TEXT = (ROOT / "params.yaml").read_text("utf-8")
PARAMS = yaml.safe_load(PARAMS_TEXT)
PIPELINE = yaml.safe_load((ROOT / "dvc.yaml").read_text("utf-8"))
STAGES = PIPELINE["stages"]
SHARED = {"core", "history", "korean", "text"}  # what every feature package may import
BELOW = {  # what each of these may import
    "core": set(),
    "history": {"core"},
    "korean": {"core"},
    "text": {"core", "korean"},
}
MAX_BODY_LINES = 30
ALSO_READS = {
    "audit": {"ingest", "testset"},  # where the documents and the test's questions are
    "samples": {"ingest"},
    "evaluate": {"generate"},  # where teachers, their prices and caps are told
    "answers": {"filter", "generate"},  # when a sentence rests on another; the words of prompts, and the teachers
    "filter": {"leaks"},  # it drops what that stage would stop at
    "judge": {"generate"},  # its teachers, their prices and caps
    "report": {"roi"},  # assumptions that no run measures; the commands roi and plan read them, too
    "testset": {"answers"},  # where the questions that are answered in writing are
    "validate_inputs": {"filter"},  # where the general rows are
    "validate_mixture": {"mix"},  # which share was asked for
}
OF_COMMANDS = {"card"}  # sections that no stage reads, but a command of finsmith
GATES = {  # files a stage waits for without reading them
    "audit": {  # it looks at all that dvc.lock names
        "models/adapter",
        "models/run.json",
        *(
            f"reports/metrics/{of}.json"
            for of in ("answers", "evaluate", "filter", "generate", "judge", "leaks", "mix", "review", "testset")
        ),
    },
    "generate": {"data/gates/inputs.json"},
    "judge": {"data/gates/candidates.json"},
    "train": {"data/gates/mixture.json", "reports/metrics/leaks.json"},
}

Stage = dict[str, Any]


# --- what dvc.yaml declares ---


def filled(template: str, params: Stage = PARAMS) -> str:
    """A string of dvc.yaml with every ${section.key} filled from params.yaml."""

    def value(match: re.Match[str]) -> str:
        found: Any = params
        for key in match[1].split("."):
            found = found[key]
        return str(found)

    return re.sub(r"\$\{([^}]+)\}", value, template)


def paths(stage: Stage, *groups: str) -> set[str]:
    """The declared paths of these groups; an entry is a path or {path: options}."""
    entries = [entry for group in groups for entry in stage.get(group, [])]
    return {filled(next(iter(entry)) if isinstance(entry, dict) else entry) for entry in entries}


def is_code(path: str) -> bool:
    return path.startswith(("src/", "stages/"))


def declared_sections(stage: Stage) -> set[str]:
    """The params sections a stage declares; an entry is `section`, `section.key`, or {file: [section, …]}."""
    sections: set[str] = set()
    for entry in stage.get("params", []):
        keys = next(iter(entry.values())) or [] if isinstance(entry, dict) else [entry]
        sections |= {key.split(".")[0] for key in keys}
    return sections


# --- what the code uses ---


def module_file(name: str) -> Path | None:
    """The repository's file of a module or package, or None for anybody else's."""
    parts = name.split(".")
    base = (ROOT if parts[0] == "stages" else SRC) / Path(*parts)
    return next((p for p in (base.with_suffix(".py"), base / "__init__.py") if p.exists()), None)


def imported_names(path: Path, source: str | None = None) -> Iterator[str]:
    """Dotted names of all modules a file imports anywhere in it, each with the packages above it."""
    package = list(path.relative_to(SRC if path.is_relative_to(SRC) else ROOT).parent.parts)
    for node in ast.walk(ast.parse(source or path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            head = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*head, *([node.module] if node.module else [])])
            names = [base, *(f"{base}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            parts = name.split(".")
            yield from (".".join(parts[:size]) for size in range(1, len(parts) + 1))


@cache
def imports(path: Path) -> frozenset[Path]:
    """The repository's files that a file imports directly."""
    return frozenset(file for name in imported_names(path) if (file := module_file(name)))


def is_only_docstring(path: Path) -> bool:
    body = ast.parse(path.read_text("utf-8")).body
    return path.name == "__init__.py" and all(map(is_text, body))


def is_text(node: ast.AST) -> bool:
    """Whether a node is a bare text: a docstring."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


@cache
def used_files(stage: str) -> frozenset[Path]:
    """The import closure of a stage's script, and the non-Python files of every package in it."""
    todo = {ROOT / "stages" / f"{stage}.py", ROOT / "stages/__init__.py"}
    seen: set[Path] = set()
    while todo:
        seen |= todo
        todo = {file for path in todo for file in imports(path)} - seen
    code = {file for file in seen if not is_only_docstring(file)}
    packages = {file.parent for file in code if file.is_relative_to(SRC)}
    return frozenset(code | {file for package in packages for file in data_files(package)})


@cache
def data_files(package: Path) -> frozenset[Path]:
    """The files of a package that are no Python, those of its sub-packages left out."""
    return frozenset(
        file
        for file in package.rglob("*")
        if file.is_file()
        and file.suffix not in (".py", ".pyc")
        and next(folder for folder in file.parents if (folder / "__init__.py").exists()) == package
    )


@cache
def sections_read(stage: str, source: str | None = None) -> frozenset[str]:
    """The sections of all Section classes that a stage's script imports or defines, `load_params(X)` included."""
    path = ROOT / "stages" / f"{stage}.py"
    tree = ast.parse(source or path.read_text("utf-8"))
    sections = {section for node in ast.walk(tree) if (section := section_of(node))}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and (file := module_file(node.module)):
            names = {alias.name for alias in node.names}
            for defined in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(defined, ast.ClassDef) and defined.name in names and (section := section_of(defined)):
                    sections.add(section)
    return frozenset(sections)


def section_of(node: ast.AST) -> str | None:
    """The `section` of a class made from Section, or None."""
    if not isinstance(node, ast.ClassDef) or not any(isinstance(b, ast.Name) and b.id == "Section" for b in node.bases):
        return None
    return next(
        n.value.value
        for n in node.body
        if isinstance(n, ast.AnnAssign)
        and isinstance(n.target, ast.Name)
        and n.target.id == "section"
        and isinstance(n.value, ast.Constant)
    )


# --- the checks: each gives faults in words, none is an empty list ---


def uncovered_code(name: str, stage: Stage) -> list[str]:
    """Files a stage uses that none of its deps is or holds."""
    deps = [ROOT / path for path in paths(stage, "deps")]
    return sorted(
        f"{name}: {file.relative_to(ROOT)} is used, no dep"
        for file in used_files(name)
        if not any(dep == file or dep in file.parents for dep in deps)
    )


def idle_code(name: str, stage: Stage) -> list[str]:
    """Code deps of which a stage uses nothing: a change there would run it for nothing."""
    return sorted(
        f"{name}: {path} is a dep, nothing of it is used"
        for path in paths(stage, "deps")
        if is_code(path) and not any(ROOT / path in (file, *file.parents) for file in used_files(name))
    )


def command_faults(name: str, stage: Stage) -> list[str]:
    """A command that is not `python -m stages.<name> <paths>` with exactly the declared data paths.

    A gate is a dep that the command does not name.
    """
    words = filled(stage["cmd"]).split()
    if words[:3] != ["python", "-m", f"stages.{name}"]:
        return [f"{name}: the command does not begin with python -m stages.{name}"]
    named, declared = set(words[3:]), paths(stage, "deps", "outs", "metrics", "plots")
    gates = GATES.get(name, set())
    data = {path for path in declared - gates if not is_code(path)}
    faults = [f"{name}: {path} is in cmd, not declared" for path in named - declared]
    faults += [f"{name}: {path} is declared, not in cmd" for path in data - named]
    faults += [f"{name}: it does not wait for {path}" for path in gates - paths(stage, "deps")]
    return sorted(faults)


def argument_faults(name: str, stage: Stage) -> list[str]:
    """A command with more or fewer paths than the stage's `main` takes."""
    takes = paths_taken(name)
    gives = len(stage["cmd"].split()) - 3
    return [] if takes == gives else [f"{name}: main takes {takes} paths, cmd gives {gives}"]


def section_faults(name: str, stage: Stage, read: frozenset[str] | None = None) -> list[str]:
    """A section that is read and not declared, declared and not read, or not the stage's own."""
    read, declared = sections_read(name) if read is None else read, declared_sections(stage)
    faults = [f"{name}: section {s} is read, not declared" for s in read - declared]
    faults += [f"{name}: section {s} is declared, not read" for s in declared - read]
    templates = re.findall(r"\$\{([^}.]+)", yaml.safe_dump(stage))
    faults += [
        f"{name}: section {s} is not its own"
        for s in {*read, *declared, *templates} - {name} - ALSO_READS.get(name, set())
    ]
    return sorted(faults)


def orphan_sections(params: Stage, stages: Stage) -> list[str]:
    """Sections of params.yaml that no stage declares and no command reads."""
    declared = {section for stage in stages.values() for section in declared_sections(stage)} | OF_COMMANDS
    return sorted(f"params.yaml: section {section} belongs to no stage" for section in params.keys() - declared)


def uncommented_keys(text: str) -> list[str]:
    """Keys below a section without a comment above them.

    A comment may stand above the first key of a group: it then covers the keys right below it whose name shares a word
    with it. Keys of a commented mapping are told by its comment, and a bare mapping is fine when all its keys are. A
    comment that names keys in backticks tells them wherever they come after it in its section.
    """
    lines = text.splitlines()

    def comment_above(line: int) -> str:
        above: list[str] = []
        while line > 0 and lines[line - 1].strip().startswith("#"):
            line -= 1
            above.insert(0, lines[line].strip().lstrip("# "))
        return " ".join(above)

    def faults(node: yaml.MappingNode, place: str, named: set[str]) -> Iterator[str]:
        group, last_line = "", -2
        for key, value in node.value:
            line, name = key.start_mark.line, f"{place}.{key.value}"
            if comment := comment_above(line):
                group = comment
                named |= set(re.findall(r"`(\w+)`", comment))
            told = key.value in named or bool(line == last_line + 1 and shared_words(key.value, group))
            if not comment and isinstance(value, yaml.MappingNode) and not value.flow_style:
                yield from faults(value, name, named)
            elif not comment and not told:
                yield name
            last_line = line

    sections = yaml.compose(text)
    assert isinstance(sections, yaml.MappingNode)
    return [fault for key, value in sections.value for fault in faults(value, key.value, set())]


def shared_words(key: str, comment: str) -> set[str]:
    """Beginnings of four letters that stand in both, so that `max_chars` is told by "characters"."""
    return {word[:4] for word in key.split("_") if len(word) > 3} & set(re.findall(r"\b[a-z]{4}", comment.lower()))


def direction_faults(path: Path, source: str | None = None) -> list[str]:
    """Imports of a feature package's module from another feature package, and of a shared one's from one above it."""
    own = path.relative_to(SRC / "finsmith").parts[0]
    allowed = {own} | BELOW.get(own, SHARED)
    used = {name.split(".")[1] for name in imported_names(path, source) if re.match(r"(finsmith|stages)\.", name)}
    used |= {"stages" for name in imported_names(path, source) if name == "stages"}
    return sorted(f"{path.relative_to(ROOT)} imports {package}" for package in used - allowed)


@cache
def paths_taken(stage: str) -> int:
    """The number of parameters of a stage's `main`."""
    body = ast.parse((ROOT / "stages" / f"{stage}.py").read_text("utf-8")).body
    return next(len(node.args.args) for node in body if isinstance(node, ast.FunctionDef) and node.name == "main")


def script_faults(name: str, source: str) -> list[str]:
    """A stage script without docstring, `main` or its run_stage, or with a body over 30 lines.

    The body is every line but blank ones, comments, docstrings, imports and parameters.
    """
    tree = ast.parse(source)
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    skipped = {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom | ast.arg) or is_text(node)
        for line in range(node.lineno, node.end_lineno + 1)
    }
    body = [
        line
        for number, line in enumerate(source.splitlines(), 1)
        if number not in skipped and line.strip() and not line.strip().startswith("#")
    ]
    faults = []
    if not ast.get_docstring(tree):
        faults.append(f"{name}: no docstring")
    if [f.name for f in functions] != ["main"]:
        faults.append(f"{name}: its functions are {[f.name for f in functions]}, not main alone")
    elif not ast.get_docstring(functions[0]):
        faults.append(f"{name}: main has no docstring")
    if "run_stage(main)" not in source:
        faults.append(f"{name}: is not run by run_stage")
    if len(body) > MAX_BODY_LINES:
        faults.append(f"{name}: {len(body)} lines of body, more than {MAX_BODY_LINES}")
    return faults


def pipeline_faults(pipeline: Stage, params: Stage = PARAMS) -> list[str]:
    """All that the checks on declarations say."""
    faults = orphan_sections(params, pipeline["stages"])
    for name, stage in pipeline["stages"].items():
        for check in (uncovered_code, idle_code, command_faults, argument_faults, section_faults):
            faults += check(name, stage)
    return faults


# --- on the repository ---


@pytest.mark.parametrize("name", STAGES)
def test_deps_cover_all_code_a_stage_uses(name):
    """A stage's deps hold its script, all it imports at any depth, and the templates beside those modules."""
    assert uncovered_code(name, STAGES[name]) == []


@pytest.mark.parametrize("name", STAGES)
def test_no_code_dep_is_idle(name):
    """A stage does not depend on code of which it uses nothing."""
    assert idle_code(name, STAGES[name]) == []


@pytest.mark.parametrize("name", STAGES)
def test_the_command_names_exactly_the_declared_paths(name):
    """Every path in cmd is a declared dep, out or metric; every declared data path is in cmd; main takes as many."""
    assert command_faults(name, STAGES[name]) == []
    assert argument_faults(name, STAGES[name]) == []


@pytest.mark.parametrize("name", STAGES)
def test_the_section_read_is_the_one_declared(name):
    """A stage reads and declares its own section of params.yaml, or none."""
    assert section_faults(name, STAGES[name]) == []


@pytest.mark.parametrize("name", STAGES)
def test_every_stage_says_what_it_does(name):
    """Every stage has a description for `dvc stage list`."""
    assert STAGES[name].get("desc", "").strip()


def test_every_section_belongs_to_a_stage():
    """No section of params.yaml is left that nobody reads."""
    assert orphan_sections(PARAMS, STAGES) == []


def test_every_key_is_commented():
    """Every key of params.yaml is told by a comment above it, above its group, or above the mapping it is in."""
    assert uncommented_keys(PARAMS_TEXT) == []


def test_scripts_and_stages_are_one_to_one():
    """stages/ holds one script per stage of dvc.yaml, named like it, and nothing else."""
    assert {p.stem for p in (ROOT / "stages").glob("*.py")} - {"__init__"} == STAGES.keys()


@pytest.mark.parametrize("name", STAGES)
def test_stage_scripts_are_thin(name):
    """A stage script has a docstring, one function `main` with a docstring, and at most 30 lines of body."""
    assert script_faults(name, (ROOT / "stages" / f"{name}.py").read_text("utf-8")) == []


def test_imports_point_one_way():
    """Features import the shared packages and themselves; core imports itself alone; nothing imports stages."""
    modules = [p for p in (SRC / "finsmith").rglob("*.py") if p.parent not in (SRC / "finsmith", CLI)]
    assert len(modules) > 30
    assert [fault for path in modules for fault in direction_faults(path)] == []


def test_only_stages_load_params():
    """No package reads a section on its own: what a stage reads stands in its script; commands are no stages."""
    calls = {
        str(path.relative_to(SRC))
        for path in (SRC / "finsmith").rglob("*.py")
        if path.parent != CLI
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Name | ast.Attribute)
        and "load_params" in (getattr(node, "id", ""), getattr(node, "attr", ""))
    }
    assert calls == set()


def test_every_output_has_one_stage():
    """No path, nor a folder above it, is written by two stages, and every plot shown is an output of one."""
    outs = [(path, name) for name, stage in STAGES.items() for path in paths(stage, "outs", "metrics", "plots")]
    clashes = [
        (a, b)
        for at, (a, _) in enumerate(outs)
        for b, _ in outs[at + 1 :]
        if f"{a}/".startswith(f"{b}/") or f"{b}/".startswith(f"{a}/")
    ]
    assert clashes == []
    shown = {next(iter(entry)) if isinstance(entry, dict) else entry for entry in PIPELINE.get("plots", [])}
    assert shown <= {path for path, _ in outs}


# --- negative controls: one thing broken, told by the same checks ---

ENTRIES = [
    (name, group, at)
    for name, stage in STAGES.items()
    for group in ("deps", "outs", "metrics")
    for at in range(len(stage.get(group, [])))
]


@pytest.mark.parametrize(("name", "group", "at"), ENTRIES)
def test_removing_any_declared_entry_is_caught(name, group, at):
    """Without any one of its deps, outs or metrics, dvc.yaml is faulty, and the fault is that stage's."""
    broken = copy.deepcopy(PIPELINE)
    del broken["stages"][name][group][at]
    faults = pipeline_faults(broken)
    assert faults and all(fault.startswith(f"{name}: ") for fault in faults)


@pytest.mark.parametrize("name", STAGES)
def test_an_undeclared_path_in_a_command_is_caught(name):
    """One more path in cmd is told by name, and that main does not take it."""
    broken = copy.deepcopy(PIPELINE)
    broken["stages"][name]["cmd"] += " data/elsewhere.jsonl"
    faults = pipeline_faults(broken)
    assert f"{name}: data/elsewhere.jsonl is in cmd, not declared" in faults
    assert any("main takes" in fault for fault in faults)


@pytest.mark.parametrize("name", STAGES)
def test_a_wrong_or_missing_section_is_caught(name):
    """Declaring another stage's section, none, or one besides its own, is caught."""
    other = next(section for section in PARAMS if section not in {name} | ALSO_READS.get(name, set()))
    read = sorted(sections_read(name))
    for declared in ([other], *([[]] if read else []), [*read, other], [{"params.yaml": [other]}]):
        broken = copy.deepcopy(PIPELINE)
        broken["stages"][name]["params"] = declared
        assert any(fault.startswith(f"{name}: section") for fault in pipeline_faults(broken)), declared


def test_reading_a_section_that_is_not_declared_is_caught():
    """A script that loads another stage's section besides its own is told."""
    source = (ROOT / "stages/mix.py").read_text("utf-8")
    source += "\nfrom finsmith.curation.params import FilterParams\nload_params(FilterParams)\n"
    assert "mix: section filter is read, not declared" in section_faults(
        "mix", STAGES["mix"], sections_read("mix", source)
    )


def test_a_folder_dep_replaced_by_its_modules_loses_its_data():
    """Where a package is declared file by file without what its modules read, each such file is missed, of any kind."""
    for name, package, endings in (
        ("generate", "src/finsmith/generation", {".j2", ".jsonl", ".yaml"}),
        ("report", "src/finsmith/reporting", {".j2"}),
    ):
        broken = copy.deepcopy(STAGES[name])
        broken["deps"].remove(package)
        broken["deps"] += [str(p.relative_to(ROOT)) for p in (ROOT / package).rglob("*.py")]
        data = [p for p in (ROOT / package).rglob("*") if p.suffix in endings]
        assert {p.suffix for p in data} == endings
        assert uncovered_code(name, broken) == sorted(f"{name}: {p.relative_to(ROOT)} is used, no dep" for p in data)


def test_a_package_init_with_code_must_be_covered():
    """stages/__init__.py holds code and is used by every stage; a package's docstring alone needs no cover."""
    assert all(ROOT / "stages/__init__.py" in used_files(name) for name in STAGES)
    assert is_only_docstring(SRC / "finsmith/__init__.py")
    assert not is_only_docstring(ROOT / "stages/__init__.py")


def test_an_idle_code_dep_is_caught():
    """A dep on a package that a stage does not import is told."""
    broken = copy.deepcopy(STAGES["ingest"])
    broken["deps"].append("src/finsmith/mixture")
    assert idle_code("ingest", broken) == ["ingest: src/finsmith/mixture is a dep, nothing of it is used"]


def test_a_template_is_filled_from_params():
    """Another value in params.yaml is another path."""
    assert filled("${mix.general}/x ${a.b.c}", {"mix": {"general": "in"}, "a": {"b": {"c": 3}}}) == "in/x 3"


def test_a_section_without_a_stage_is_caught():
    """A section that no stage declares is told."""
    assert orphan_sections(PARAMS | {"later": {}}, STAGES) == ["params.yaml: section later belongs to no stage"]


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("a:\n  # Meaning.\n  key: 1\n", []),
        ("a:\n  key: 1\n", ["a.key"]),
        ("a:\n  # Meaning.\n  key: 1\n  other: 2\n", ["a.other"]),
        ("a:\n  # Shortest and longest output.\n  min_output_chars: 1\n  max_output_chars: 2\n", []),
        (
            "a:\n  # Shortest and longest output.\n  min_output_chars: 1\n\n  max_output_chars: 2\n",
            ["a.max_output_chars"],
        ),
        ("a:\n  group:\n    # Meaning.\n    key: 1\n    other: 2\n", ["a.group.other"]),
        ("a:\n  # Prices.\n  prices:\n    model: {input: 1}\n", []),
        ("# A section's comment.\na:\n  key: 1\n", ["a.key"]),
        ("a:\n  # `key` and `top` are told.\n  one:\n    key: 1\n  two:\n    top: 1\n    other: 2\n", ["a.two.other"]),
        ("a:\n  # `key` is told.\n  one: 1\nb:\n  key: 1\n", ["b.key"]),
    ],
)
def test_a_key_without_a_comment_is_caught(text, faults):
    """The rule for comments, on small files."""
    assert uncommented_keys(text) == faults


@pytest.mark.parametrize(
    ("path", "source", "faults"),
    [
        ("mixture/mix.py", "from finsmith.core.ids import content_id\nfrom .params import MixParams", []),
        ("mixture/mix.py", "from finsmith.korean.morphemes import morphemes", []),
        ("mixture/mix.py", "from finsmith.curation.filters import funnel", ["imports curation"]),
        ("mixture/mix.py", "def f():\n    from finsmith import teacher", ["imports teacher"]),
        ("mixture/mix.py", "from ..curation import novelty", ["imports curation"]),
        ("mixture/mix.py", "import finsmith.cli", ["imports cli"]),
        ("mixture/mix.py", "from stages import mix", ["imports mix", "imports stages"]),
        ("core/ids.py", "from finsmith.korean.morphemes import morphemes", ["imports korean"]),
        ("korean/morphemes.py", "from finsmith.corpus.pdf.reader import read_pdf", ["imports corpus"]),
        ("korean/morphemes.py", "from finsmith.text.sentences import sentences", ["imports text"]),
        ("text/grounding.py", "from finsmith.korean.morphemes import tagged", []),
        ("text/grounding.py", "from finsmith.curation.finding import Finding", ["imports curation"]),
    ],
)
def test_an_import_against_the_direction_is_caught(path, source, faults):
    """Whatever way it is written, an import from another feature package is told."""
    assert direction_faults(SRC / "finsmith" / path, source) == [f"src/finsmith/{path} {fault}" for fault in faults]


def test_a_thick_or_bare_script_is_caught():
    """31 lines of body are too many, 30 are not; missing docstrings, another function, and no run_stage are told."""
    head = '"""Stage."""\n\nfrom pathlib import Path\n\n\ndef main(path: Path) -> None:\n    """Writes."""\n'
    tail = '\n\nif __name__ == "__main__":\n    run_stage(main)\n'
    # besides its statements a script has two lines: if __name__, run_stage; parameters are not counted
    assert script_faults("x", head + "    print(path)\n" * 28 + tail) == []
    assert script_faults("x", head + "    print(path)\n" * 29 + tail) == ["x: 31 lines of body, more than 30"]
    assert script_faults("x", head + "    print(\n        path\n    )\n" * 10 + tail) == [
        "x: 32 lines of body, more than 30"
    ]
    assert script_faults("x", "def helper():\n    pass\n") == [
        "x: no docstring",
        "x: its functions are ['helper'], not main alone",
        "x: is not run by run_stage",
    ]
    assert script_faults("x", '"""Stage."""\ndef main():\n    run_stage(main)\n') == ["x: main has no docstring"]
