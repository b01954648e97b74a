"""Stage `evaluate`: base, adapter, hosted models and the closed tests → predictions, ledger of calls, accuracies."""

from contextlib import ExitStack
from pathlib import Path

from finsmith.core.ids import fingerprint
from finsmith.core.io import read_jsonl, write_json, write_jsonl
from finsmith.core.params import load_params
from finsmith.core.records import Question
from finsmith.core.stage import run_stage
from finsmith.evaluation.evaluate import EvaluateParams, evaluation, predict
from finsmith.evaluation.forgetting import forgetting
from finsmith.evaluation.hosted import TeacherSection, hosted_models, sit
from finsmith.tracking.executions import stage_run
from finsmith.training.predictor import LikelihoodPredictor


def main(
    testset: Path, base: Path, adapter: Path, predictions: Path, calls: Path, metrics: Path, letters: Path, groups: Path
) -> None:
    """Asks with the adapter off and on, and hosted models if there are any; general questions by the headline alone."""
    params, section = load_params(EvaluateParams), load_params(TeacherSection)
    alone = params.model_copy(update={"evaluators": (params.headline,), "permutations": False})
    questions, general = (list(read_jsonl(testset / f"{name}.jsonl", Question)) for name in ("questions", "general"))
    setting = params.setting(list(read_jsonl(testset / "examples.jsonl", Question)))
    models = hosted_models(params, section.teacher)
    decides = fingerprint(params.model_dump(), [*sorted(testset.glob("*.jsonl")), *sorted(adapter.glob("*"))])
    with stage_run("evaluate", decides, [testset], "train") as run, ExitStack() as stack:
        predictor, sat = LikelihoodPredictor(base, adapter, params.dtype), []
        for model in ("base", "adapter"):
            predictor.use_adapter(model == "adapter")
            sat += [predict(of, predictor, model, setting, how) for of, how in ((questions, params), (general, alone))]
        before, known, after, kept = sat
        if models:
            from finsmith.teacher.teacher import open_teachers  # loads clients and servers, which most runs need not

            teachers = stack.enter_context(open_teachers(models, section.prices, section.budget, "evaluate"))
        hosted = sit(questions, models, setting, params, teachers.converse) if models else []
        result = evaluation(questions, before, after, hosted, params)
        forgot = forgetting(general, [p.right for p in known.predictions], [p.right for p in kept.predictions])
        write_jsonl(predictions, [*result.predictions, *known.predictions, *kept.predictions])
        write_jsonl(calls / "ledger.jsonl", teachers.ledger() if models else [])
        write_json(metrics, told := result.metrics | forgot | ({"accounts": teachers.accounts()} if models else {}))
        write_json(letters, result.letters)
        write_json(groups, result.breakdown)
        run.finish(told, {"headline": params.headline})
        if models:
            teachers.finish()


if __name__ == "__main__":
    run_stage(main)
