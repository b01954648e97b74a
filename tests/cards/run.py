"""A finished run in a git repository, small and made by hand: what cards are written of, and its dvc.lock."""

import subprocess

import yaml

from finsmith.core.io import write_json, write_jsonl
from finsmith.core.records import Box, Example, Passage, Provenance, Term
from finsmith.history.revisions import content_md5
from finsmith.reporting.summary import summarise

from ..reporting.metrics import METRICS, PRICES

PASSAGE = Passage(
    document="여신|규정.pdf",
    document_sha256="ab" * 32,
    pages=(1,),
    span=(0, 2),
    boxes=(Box(page=1, x0=0, y0=0, x1=1, y1=1),),
    headings=(),
    text="한도",
    tokens=1,
)
TERM = Term(
    term="금리", full_name="", english="", definition="돈의 값", related=(), category="", source="용어.csv", row=2
)
SECTION = {
    "name": "우리 모델",
    "language": ["ko"],
    "model_license": "gemma",
    "data_license": "other",
    "contact": "ai@example.org",
}
MIX = {
    "rows": 12,
    "domain_fraction": 1.0,
    "domain_rows": 7,
    "general_rows": 5,
    "general_share": 0.4167,
    "general_share_by_tokens": 0.3871,
    "tokens": 1234,
}
TRAIN = {"lora": {"r": 37, "alpha": 74, "target_modules": "all-linear"}, "learning_rate": 3e-4, "epochs": 5}
RUN = {
    "rows": 12,
    "tokens": 4567,
    "steps": 30,
    "trainable_parameters": 7593984,
    "quantization": "none",
    "dtype": "bfloat16",
    "final_loss": 0.5432,
    "device": "NVIDIA A100-SXM4-40GB",
}


def rows():
    """Three rows of a passage by a teacher, two of a term, one general."""
    of_teacher = Provenance(sources=(PASSAGE.id,), model="gpt-4o-mini", request_key="k", prompt_sha256="p")
    origins = [of_teacher] * 3 + [Provenance(sources=(TERM.id,))] * 2 + [Provenance(sources=())]
    recipes = ["summary.short"] * 3 + ["glossary_qa.definition"] * 2 + ["general"]
    return [
        Example(recipe=recipe, instruction=f"{at}?", input="", output="답", provenance=origin)
        for at, (recipe, origin) in enumerate(zip(recipes, origins, strict=True))
    ]


def make_run(root, base="gemma-3-270m-q4_k_m", **metrics):
    """The run in `root`, committed; `metrics` take the place of those of a stage."""
    write_jsonl(root / "data/mixed/train.jsonl", rows())
    write_jsonl(root / "data/corpus/passages.jsonl", [PASSAGE])
    write_jsonl(root / "data/corpus/terms.jsonl", [TERM])
    write_json(root / "models/run.json", RUN)
    write_json(root / "models/adapter/adapter_config.json", {"r": 37})
    (root / "models/adapter/adapter_model.safetensors").write_bytes(b"weights")
    write_json(root / "reports/summary.json", summarise(METRICS | {"mix": MIX} | metrics, PRICES))
    settings = {"train": TRAIN | {"batch_size": 8, "seed": 1}, "base": {"model": base, "dtype": "bfloat16"}}
    made = {"mix": "data/mixed", "train": "models/adapter", "base": "", "report": "reports/summary.json"}
    stages = {
        stage: {
            "outs": [{"path": path, "md5": content_md5(root / path)}] if path else [],
            "params": {"params.yaml": {stage: settings.get(stage, {})}},
        }
        for stage, path in made.items()
    }
    (root / "dvc.lock").write_text(yaml.safe_dump({"stages": stages}, allow_unicode=True), "utf-8")
    (root / "params.yaml").write_text(yaml.safe_dump(settings | {"card": SECTION}, allow_unicode=True), "utf-8")
    for arguments in (
        ("init", "--quiet"),
        ("add", "dvc.lock", "params.yaml"),
        ("-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "--quiet", "--message", "made"),
    ):
        subprocess.run(("git", *arguments), cwd=root, check=True)
    return root
