"""Stage `evaluate`: base, adapter, hosted models and the closed test → predictions, accuracies, the paired test."""

from contextlib import ExitStack
from pathlib import Path

from finsmith.core.io import read_jsonl, write_json, write_jsonl
from finsmith.core.params import load_params
from finsmith.core.records import Question
from finsmith.core.stage import run_stage
from finsmith.evaluation.evaluate import EvaluateParams, evaluation, predict
from finsmith.evaluation.hosted import TeacherSection, hosted_models, sit
from finsmith.training.predictor import LikelihoodPredictor


def main(
    testset: Path, base: Path, adapter: Path, predictions: Path, metrics: Path, letters: Path, breakdown: Path
) -> None:
    """Asks every question with the adapter switched off and on, and of the hosted models if there are any."""
    params, section = load_params(EvaluateParams), load_params(TeacherSection)
    questions = list(read_jsonl(testset / "questions.jsonl", Question))
    setting = params.setting(list(read_jsonl(testset / "examples.jsonl", Question)))
    models = hosted_models(params, section.teacher)
    predictor = LikelihoodPredictor(base, adapter, params.dtype)
    predictor.use_adapter(False)
    before = predict(questions, predictor, "base", setting, params)
    predictor.use_adapter(True)
    after = predict(questions, predictor, "adapter", setting, params)
    with ExitStack() as stack:
        if models:
            from finsmith.teacher.teacher import open_teachers  # loads clients and servers, which most runs need not

            teachers = stack.enter_context(open_teachers(models, section.prices, section.budget, "evaluate"))
        hosted = sit(questions, models, setting, params, teachers.converse) if models else []
        result = evaluation(questions, before, after, hosted, params)
        write_jsonl(predictions, result.predictions)
        write_json(metrics, result.metrics | ({"accounts": teachers.accounts()} if models else {}))
        write_json(letters, result.letters)
        write_json(breakdown, result.breakdown)
        if models:
            teachers.finish()


if __name__ == "__main__":
    run_stage(main)
