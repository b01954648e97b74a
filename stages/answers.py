"""Stage `answers`: held-out questions → what base, adapter and teacher write, what rules and a judge say, the page."""

from pathlib import Path

from finsmith.core.answer_records import Asked, OpenQuestion, QuestionSet, RagQuestion
from finsmith.core.io import read_jsonl, write_json, write_jsonl, write_text
from finsmith.core.params import load_params
from finsmith.core.stage import run_stage
from finsmith.curation.params import FilterParams
from finsmith.evaluation.open_answers import AnswersParams, comparison_metrics, open_answers, open_metrics, written
from finsmith.evaluation.rag_answers import rag_answers, rag_metrics
from finsmith.generation.params import GenerateParams
from finsmith.generation.rag import as_asked
from finsmith.generation.written_answers import compared, taught
from finsmith.reporting.written.answers import render_answers
from finsmith.teacher.teacher import open_teachers
from finsmith.training.predictor import LikelihoodPredictor


def main(testset: Path, base: Path, adapter: Path, answers: Path, metrics: Path, page: Path) -> None:
    """Questions with clues are asked in the words of the training rows; a teacher answers and judges where named."""
    params, generate, rules = load_params(AnswersParams), load_params(GenerateParams), load_params(FilterParams)
    rag = list(read_jsonl(testset / "rag.jsonl", RagQuestion)) if "rag" in params.ask else []
    opened = list(read_jsonl(testset / "open.jsonl", OpenQuestion)) if "open" in params.ask else []
    asked: dict[QuestionSet, list[Asked]] = {"open": [(one.question, "") for one in opened]}
    asked["rag"] = [as_asked(one.question, one.clues, one.id, generate) for one in rag]
    texts = written(asked, LikelihoodPredictor(base, adapter, params.dtype), params.max_tokens)
    with open_teachers(generate.all_teachers, generate.prices, generate.budget, "answers") as teachers:
        for_teacher = {name: asked[name] for name in params.teacher_answers}
        teachers.expected_calls = sum(map(len, for_teacher.values())) + 2 * len(opened) * bool(params.judge)
        teacher = taught(for_teacher, params.max_tokens, params.teacher, generate, teachers.converse)
        judged = compared(opened, texts, params.judge, generate, teachers.converse)
        texts["teacher"] = teacher.answers
        rag_rows, open_rows = rag_answers(rag, texts, rules.grounding.min_support), open_answers(opened, texts)
        told = {"rag": rag_metrics(rag, rag_rows), "open": open_metrics(open_rows)}
        told["open"]["compared"] = comparison_metrics(judged.comparisons, len(opened))
        write_jsonl(answers / "rag.jsonl", rag_rows)
        write_jsonl(answers / "open.jsonl", open_rows)
        write_jsonl(answers / "comparisons.jsonl", judged.comparisons)
        write_jsonl(answers / "rejected_replies.jsonl", [*teacher.rejected, *judged.rejected])
        write_jsonl(answers / "ledger.jsonl", teachers.ledger())
        write_json(metrics, teachers.accounts() | told)
        write_text(page, render_answers(rag, rag_rows, opened, open_rows, judged.comparisons, told))
        teachers.finish()


if __name__ == "__main__":
    run_stage(main)
