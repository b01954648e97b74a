"""Rows, questions and parameters that the curation tests share."""

from finsmith.core.records import Example, Provenance, Question
from finsmith.curation.params import FilterParams

PARAMS = FilterParams(
    enabled=("empty", "length", "repeats_input", "exact_duplicates", "conflicting_outputs", "novelty", "test_overlap"),
    min_instruction_chars=5,
    max_instruction_chars=1200,
    min_output_chars=2,
    max_output_chars=1500,
    max_input_share=0.9,
    novelty_rouge_l=0.7,
    test_rouge_l=0.7,
    test_ngram=10,
)


def row(instruction: str, output: str, given: str = "", recipe: str = "glossary_qa.definition", source: str = "t1"):
    return Example(
        recipe=recipe, instruction=instruction, input=given, output=output, provenance=Provenance(sources=(source,))
    )


def question(stem: str, *choices: str, answer: int = 0):
    first, second, third, fourth = choices or ("가계대출", "기업대출", "예금", "채권")
    return Question(
        stem=stem, choices=(first, second, third, fourth), answer=answer, explanation="", source="", evidence=""
    )
