"""summary.json and its lines."""

from finsmith.reporting.summary import summarise, summary_lines

from .metrics import FORGETTING, GENERAL, METRICS, PRICES, SCORE_AFTER, SCORE_BEFORE

SUMMARY = summarise(METRICS, PRICES)


def test_the_summary_has_every_figure_a_reader_relies_on():
    """Corpus, funnel, mixture, evaluation and costs hold these figures under these names."""
    expected = {
        "corpus": {"documents": 4, "pages": 71, "characters": 81531, "tokens": 55826},
        "funnel": {"candidates": 10, "kept": 7, "rejected": 3},
        "mixture": {"rows": 12, "general_share": 0.5},
        "evaluation": {"n": 8, "headline": "choice_text", "mcnemar_p": 0.375},
        "costs": {
            "openai_usd_new": 0.2625,
            "openai_usd_total": 2.375,
            "gpu_hours": 8.0,
            "device_hours": 8.0,
            "p4d_equivalent_usd": 32.77,
        },
    }
    assert {part: {key: SUMMARY[part][key] for key in keys} for part, keys in expected.items()} == expected
    for model, score in (("base", SCORE_BEFORE), ("adapter", SCORE_AFTER)):
        found = SUMMARY["evaluation"][model]
        assert {key: found[key] for key in ("accuracy", "low", "high")} == {
            key: score[key] for key in ("accuracy", "low", "high")
        }


def test_the_headline_decides_which_scores_lead():
    """Another headline puts its own accuracies and p in front; all evaluators stay below."""
    metrics = METRICS | {"evaluate": METRICS["evaluate"] | {"headline": "letter"}}
    evaluation = summarise(metrics, PRICES)["evaluation"]
    assert (evaluation["adapter"], evaluation["mcnemar_p"]) == (SCORE_BEFORE | {"consistency": 0.25}, 1.0)
    assert evaluation["by_evaluator"].keys() == {"choice_text", "letter"}


def test_the_lines_say_what_the_summary_holds():
    """The terminal shows counts, accuracies with intervals, the verdict of the test, and the money."""
    text = "\n".join(summary_lines(SUMMARY))
    for said in (
        "4 documents, 71 pages, 81,531 characters, 55,826 tokens; 220 terms; 1 rejects",
        "7 kept and 3 rejected of 10; 12 in training, 50% general",
        "test      8 questions, version 3, digest 3049cbc08e78 (finsmith testset)",
        "25.0% [10.0%, 50.0%] -> 62.5% [30.0%, 86.0%] on 8 questions by choice_text",
        "McNemar p = 0.38 (not significant at 0.05)",
        "25.0% [10.0%, 50.0%] -> 25.0% [10.0%, 50.0%] by letter, p = 1",
        "0.750 hours of people = 15.00 USD (7 verdicts timed); 50.17 USD in all, 1.34 for each of 37.5 points of",
        "2 accepted, 1 edited, 1 rejected by people; 3 wait for them, 1 left out; 1 in conflict; Krippendorff's alpha",
        "alpha 0.25 [-0.50, 1.00] on 2 rows",
        "wrong were 2 of 3 [21%, 94%] doubtful rows, 0 of 1 [0%, 79%] others",
        "8.000 device hours = 32.80 USD, 8.000 GPU hours = 32.77 USD at p4d price",
        "so many questions show a difference of 81.2 points, four times in five",
        "75.0% [41.0%, 93.0%] by gpt-4o, 0.1875 USD for 1,000 questions",
        "0.2625 USD of API now, 2.3750 in all (3.2500 at the reference price)",
        "50.0% [35.0%, 65.0%] -> 27.5% [16.0%, 43.0%] on 40 questions, forgetting 22.5 points, McNemar p = 0.012 "
        "(significant at 0.05)",
        "answers   on 6 questions with clues: grounded 25% of 6 -> 75% of 6; name the right clue 25% of 6 -> 75% of 6",
        "right refusals – -> –; wrong refusals 25% of 6 -> 75% of 6",
        "adapter better 6, worse 1, neither 5 of 12 open answers, p = 0.12; the order decided 25% of 12",
    ):
        assert said in text


def test_without_hosted_models_nothing_is_said_of_them():
    """Nor are there costs of the evaluation; of too small a test it is said that it shows nothing."""
    evaluate = {k: v for k, v in METRICS["evaluate"].items() if k not in ("hosted", "accounts")} | {
        "headline": "letter"
    }
    summary = summarise(METRICS | {"evaluate": evaluate}, PRICES)
    text = "\n".join(summary_lines(summary))
    assert summary["costs"]["openai_usd_new"] == 0.0125 and "1,000 questions" not in text
    assert "so few questions show no difference between two models" in text


def test_what_was_forgotten_is_no_evaluator():
    """General ability stands by itself in the summary, with its kinds, and not among the ways to score."""
    evaluation = SUMMARY["evaluation"]
    assert (evaluation["general"], evaluation["forgetting"]) == (GENERAL, FORGETTING)
    assert evaluation["by_evaluator"].keys() == {"choice_text", "letter"}


def test_a_significant_difference_is_called_so():
    """p under 0.05 is significant, 0.05 itself is not."""
    for p, verdict in ((0.0499, "(significant at 0.05)"), (0.05, "(not significant at 0.05)")):
        for changed in ({"mcnemar_p": p}, {"forgetting": FORGETTING | {"mcnemar_p": p}}):
            lines = summary_lines(SUMMARY | {"evaluation": SUMMARY["evaluation"] | changed})
            told = [line for line in lines if line.startswith("general" if "forgetting" in changed else "accuracy")]
            assert [line.endswith(verdict) for line in told] == [True]


def test_what_was_not_asked_has_no_line():
    """Without questions with clues and without a judge the lines are silent about both."""
    answers = {"rag": {"n": 0, "answerable": 0}, "open": {"compared": None}}
    text = "\n".join(summary_lines(SUMMARY | {"answers": answers}))
    assert "clues" not in text and "judged" not in text
