"""Stage `evaluate`: base, adapter and the closed test → per-question predictions, accuracies, the paired test."""

from pathlib import Path

from finsmith.core.io import read_jsonl, write_json, write_jsonl
from finsmith.core.params import load_params
from finsmith.core.records import Question
from finsmith.core.stage import run_stage
from finsmith.evaluation.evaluate import EvaluateParams, compare, letter_rows, predict
from finsmith.training.predictor import LikelihoodPredictor


def main(testset: Path, base: Path, adapter: Path, predictions: Path, metrics: Path, plot: Path) -> None:
    """Scores every question with the adapter switched off and on."""
    params = load_params(EvaluateParams)
    questions = list(read_jsonl(testset / "questions.jsonl", Question))
    predictor = LikelihoodPredictor(base, adapter, params.dtype)
    predictor.use_adapter(False)
    before = predict(questions, predictor, "base", params)
    predictor.use_adapter(True)
    result = compare(before, predict(questions, predictor, "adapter", params), questions, params)
    write_jsonl(predictions, result.predictions)
    write_json(metrics, result.metrics)
    write_json(plot, letter_rows(result.metrics, params.evaluators))


if __name__ == "__main__":
    run_stage(main)
