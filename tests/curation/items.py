"""Rows of 4-choice items and of questions with clues, worded as the recipes word them."""

from pathlib import Path

import yaml

from .rows import ROOT, row

LANGUAGES = ("ko", "en")
_PROMPTS = ROOT / "src/finsmith/generation/prompts"
WORDS = {language: yaml.safe_load(Path(_PROMPTS / language / "rows.yaml").read_text("utf-8")) for language in LANGUAGES}
_LABELS = {"ko": ("정답", "해설", "근거"), "en": ("Answer", "Explanation", "Evidence")}


def item(language, stem, choices, letter, passage="", explanation="", task="solve", told=None):
    """A 4-choice item to be solved or written; `told` is what the answer's line says after its letter."""
    answer, why, evidence = _LABELS[language]
    told = choices["ABCD".index(letter)] if told is None else told
    question = "\n".join([stem, "", *(f"{mark}. {choice}" for mark, choice in zip("ABCD", choices, strict=True))])
    solved = f"{answer}: {letter}. {told}\n{why}: {explanation or told}\n{evidence}: {told}"
    if task == "solve":
        asked = f"{WORDS[language]['multiple_choice_solve'][0]}\n\n{question}"
        return row(asked, solved, passage, "multiple_choice.solve")
    return row(
        WORDS[language]["multiple_choice_write_fact"][0], f"{question}\n\n{solved}", passage, "multiple_choice.write"
    )


def rag(language, question, clues, answer, cited=None, recipe="rag.answer"):
    """A question on numbered clues with an answer that names one of them, unless `cited` is None."""
    mark = WORDS[language]["rag_clue"]
    listed = "\n\n".join(f"{mark.replace('{{ number }}', str(at))} {clue}" for at, clue in enumerate(clues, 1))
    asked = WORDS[language]["rag_instruction"][0].replace("{{ question }}", question)
    output = f"{answer} {mark.replace('{{ number }}', str(cited))}" if cited else answer
    return row(asked, output, listed, recipe)
