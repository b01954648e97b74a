"""Revisions as a person names them, the files git keeps of each, and whether these belong to what its dvc.lock says.

Not covered: what DVC's cache keeps; that is in revisions.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import md5
from pathlib import Path

from finsmith.core.errors import ExperimentError

from .revisions import EXPERIMENT, REFS, Revision, contents, git

WORKSPACE = "workspace"
_SHORT = 7  # digits of a commit that git itself shows


def current_revisions(root: Path = Path()) -> list[Revision]:
    """The working tree, unless it holds one of them, and the finished experiments of the current commit by name.

    Raises:
        ExperimentError: git cannot tell.
    """
    head, found = _experiments(root)
    tree, *others = named_revisions((WORKSPACE, *sorted(found.get(head, ()))), root)
    return others if tree.lock in {one.lock for one in others} else [tree, *others]


def named_revisions(names: Iterable[str], root: Path = Path()) -> list[Revision]:
    """The revision of each name, in order and once: an experiment, a tag, branch or commit, or "workspace".

    Of experiments with one name that of the current commit is meant.

    Raises:
        ExperimentError: a name that is none of these, or that several experiments of other commits have.
    """
    names = list(dict.fromkeys(names))
    head, found = _experiments(root)
    commits = [_commit(name, head, found, root) for name in names]
    locks = iter(contents(root, [f"{commit}:dvc.lock" for commit in commits if commit]))
    tree = Revision("", WORKSPACE, _read(root, "dvc.lock"))
    named = zip(names, commits, strict=True)
    return [Revision(commit, _told(name, commit), next(locks)) if commit else tree for name, commit in named]


def tracked_files(revisions: Sequence[Revision], paths: Sequence[str], root: Path = Path()) -> list[dict[str, str]]:
    """Of each revision the text of these files, by path, as git or the working tree has them; without those it lacks.

    Raises:
        ExperimentError: git cannot tell.
    """
    wanted = [f"{revision.rev}:{path}" for revision in revisions if revision.rev for path in paths]
    kept = iter(contents(root, wanted))
    found = [{path: next(kept) if one.rev else _read(root, path) for path in paths} for one in revisions]
    return [{path: text for path, text in of.items() if text} for of in found]


def doubt(revision: Revision, path: str, text: str) -> str:
    """Why a stage's file is not what the revision's dvc.lock says it is; "" where it is.

    It must have the hash that stands there, and the stages above must have run on what stands there now. Inputs inside
    a folder that another stage made are not followed.
    """
    output = revision.outputs.get(path)
    if not output:
        return f"{path}: no stage of its dvc.lock makes it"
    if output.md5 != md5(text.encode()).hexdigest():
        return f"{path}: not the file that its dvc.lock names; it was changed since, or dvc.lock was"
    if other := next(_other_inputs(revision, output.stage), None):
        stage, used = other
        return f"{path}: `{stage}` ran on another {used} than the one that is there; `dvc repro {output.stage}`"
    return ""


def _other_inputs(revision: Revision, stage: str) -> Iterator[tuple[str, str]]:
    """Stages, from this one upwards, with the inputs whose hash is no longer that of the stage that makes them."""
    todo, seen = [stage], set[str]()
    while todo:
        name = todo.pop()
        seen.add(name)
        for dep in revision.stages[name].get("deps", ()):
            if made := revision.outputs.get(dep["path"]):
                if made.md5 != dep.get("md5"):
                    yield name, made.path
                todo += {made.stage} - seen


def _experiments(root: Path) -> tuple[str, dict[str, dict[str, list[str]]]]:
    """The current commit, and the commits of finished experiments, by parent and name."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for line in git(root, REFS).splitlines():
        rev, _, ref = line.partition(" ")
        if match := EXPERIMENT.fullmatch(ref):
            found[match[1].replace("/", "")][match[2]].append(rev)
    return git(root, ("rev-parse", "--verify", "HEAD")).strip(), found


def _commit(name: str, head: str, found: Mapping[str, Mapping[str, Sequence[str]]], root: Path) -> str:
    """The commit that is meant; "" for the working tree."""
    if name == WORKSPACE:
        return ""
    revs = found.get(head, {}).get(name) or [rev for of in found.values() for rev in of.get(name, ())]
    if len(revs) > 1:
        raise ExperimentError(
            f"{name}: {len(revs)} experiments have this name. Name one by its commit: {', '.join(revs)}."
        )
    if revs:
        return revs[0]
    try:
        return git(root, ("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")).strip()
    except ExperimentError as error:
        raise ExperimentError(
            f"{name}: no finished experiment, tag, branch or commit, nor `{WORKSPACE}`. `dvc exp list --all-commits` "
            "names the experiments; one that waits, runs or failed has nothing to compare."
        ) from error


def _told(name: str, commit: str) -> str:
    """The name where it says more than the commit."""
    return "" if len(name) >= _SHORT and commit.startswith(name) else name


def _read(root: Path, path: str) -> str:
    return (root / path).read_text("utf-8") if (root / path).exists() else ""
