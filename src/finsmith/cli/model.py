"""Commands about models: the embedded ones, the trained one to ask, export, test elsewhere, and publish.

Not covered: training and evaluation; the pipeline does both.
"""

from pathlib import Path

from finsmith.core.embedded_models import EMBEDDED_MODELS, embedded_model
from finsmith.core.errors import ParamsError, SourceError
from finsmith.core.io import read_json, read_jsonl, write_text
from finsmith.core.params import load_params

_BASE, _ADAPTER, _RECORD = map(Path, ("models/base", "models/adapter", "models/run.json"))


def models() -> None:
    """Fetches and checks the embedded models; does nothing where they are."""
    for name in EMBEDDED_MODELS:
        print(f"{name}: {embedded_model(name)}")


def chat(tokens: int = 256) -> None:
    """Asks base and adapter what you type, side by side; in a pipe, a question a line; `--tokens` bound an answer."""
    _check_trained()
    from finsmith.reporting.chat import chat as converse
    from finsmith.training.chat import ChatModels
    from finsmith.training.params import BaseParams

    models = ChatModels(_BASE, _ADAPTER, load_params(BaseParams).dtype)
    converse(lambda question, name, on_text: models.answer(question, name == "adapter", tokens, on_text))


def export(folder: str, dtype: str = "") -> None:
    """Merges the adapter into the base: a folder that servers load, in the base's number format or in `--dtype`."""
    _check_trained()
    from finsmith.training.export import export_model
    from finsmith.training.params import BaseParams

    model, record = load_params(BaseParams).model, read_json(_RECORD) if _RECORD.exists() else {}
    told = [name for name in ("rows", "steps", "final_loss", "fingerprint") if name in record]
    facts = {"base model": Path(model).name if Path(model).is_absolute() else model}
    facts |= {name.replace("_", " "): record[name] for name in told}
    export_model(_BASE, _ADAPTER, Path(folder), dtype, facts)
    print(f"{folder}: written; docs/serving.md tells how to serve it")


def evaluate(export: str = "", out: str = "reports/lm_eval") -> None:
    """Writes the closed test for another program, to check our figures: `--export lm-eval`; `--out` names a folder."""
    from finsmith.core.records import Question
    from finsmith.evaluation.evaluate import EvaluateParams
    from finsmith.evaluation.harness import METRICS, Models, write_tasks

    if export != "lm-eval":
        raise SourceError(f"--export {export!r}: it must be: lm-eval. What scores the models is `dvc repro evaluate`.")
    testset, folder, params = Path("data/testset"), Path(out), load_params(EvaluateParams)
    if not (testset / "questions.jsonl").exists():
        raise SourceError(
            f"{testset}/questions.jsonl: not found. It is written by the pipeline: run `dvc repro testset`."
        )
    evaluators = [name for name in params.evaluators if name in METRICS]
    if not evaluators:
        raise ParamsError(f"`evaluate.evaluators`: lm-evaluation-harness needs one of {', '.join(METRICS)}.")
    questions, examples = (list(read_jsonl(testset / f"{name}.jsonl", Question)) for name in ("questions", "examples"))
    from finsmith.training.chat_format import ChatFormat

    chat, models = ChatFormat.of_model(_BASE), Models(_BASE, _ADAPTER, params.dtype)
    otherwise = write_tasks(folder, questions, params.setting(examples), evaluators, chat, models)
    print(f"{len(questions)} questions for {', '.join(evaluators)}; how to run them: {folder / 'README.md'}")
    if otherwise:
        print(f"{otherwise} prompts are read as other tokens there: their numbers may differ")


def card(push: str = "", data: bool = False) -> None:
    """Writes cards of training set and adapter from the run's facts; `--push ORG/NAME` sends the adapter to the Hub."""
    from finsmith.cards.cards import dataset_card, model_card
    from finsmith.cards.facts import ADAPTER, ROWS, facts
    from finsmith.cards.hub import push as push_to_hub
    from finsmith.cards.params import CardParams

    if data and not push:
        raise ParamsError("--data sends the training set along with the adapter: name a place with --push ORG/NAME.")
    found, params, folder = facts(), load_params(CardParams), Path("reports/cards")
    cards = {"model": model_card(found, params), "dataset": dataset_card(found, params)}
    for kind, text in cards.items():
        write_text(folder / kind / "README.md", text)
        print(folder / kind / "README.md")
    if push:
        adapter = {file.name: file for file in sorted(Path(ADAPTER).iterdir())}
        print(push_to_hub(push, "model", adapter | {"README.md": folder / "model/README.md"}))
    if push and data:
        rows = Path(ROWS)
        print(push_to_hub(push, "dataset", {rows.name: rows, "README.md": folder / "dataset/README.md"}))


def _check_trained() -> None:
    """Raises a sentence before a library is loaded for seconds."""
    for folder, file in ((_BASE, "config.json"), (_ADAPTER, "adapter_config.json")):
        if not (folder / file).exists():
            raise SourceError(f"{folder}: not found. It is written by the pipeline: run `dvc repro`.")
