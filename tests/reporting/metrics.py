"""Metrics of all stages as they stand in reports/metrics, small and made up; prices for them."""

from finsmith.reporting.costs import ReportParams

PRICES = ReportParams(
    p4d_usd_per_hour=32.77,
    p4d_gpus=8,
    device_usd_per_hour={"NVIDIA A100": 4.10, "cpu": 0.05},
    reviewer_usd_per_hour=20.0,
    trace_calls=0,
)
SCORE_BEFORE = {"accuracy": 0.25, "low": 0.1, "high": 0.5, "answers": {"A": 5, "B": 1, "C": 1, "D": 1}}
SCORE_ASKED = {"accuracy": 0.75, "low": 0.41, "high": 0.93, "answers": {"A": 3, "B": 2, "C": 1, "D": 2}}
SCORE_AFTER = {"accuracy": 0.625, "low": 0.3, "high": 0.86, "answers": {"A": 2, "B": 2, "C": 2, "D": 2}}
GENERAL = {
    "n": 40,
    "base": {"accuracy": 0.5, "low": 0.35, "high": 0.65},
    "adapter": {"accuracy": 0.275, "low": 0.16, "high": 0.43},
    "by_kind": {"history": {"n": 20, "base": 12, "adapter": 6}, "science": {"n": 20, "base": 8, "adapter": 5}},
}
FORGETTING = {"points": 22.5, "gained": 1, "lost": 10, "mcnemar_p": 0.0117}


def part(n, share):
    """A share of n answers with an interval."""
    return {"n": n, "share": share, "low": share / 2, "high": 1.0}


def of_model(share):
    """Every share the same, but the refusals, which nobody was asked for."""
    names = ("grounded", "figures", "directions", "names", "right_clue", "says_answer", "wrong_refusals")
    shares = {name: part(6, share) for name in names}
    return shares | {"right_refusals": None, "rouge_l": {"n": 6, "mean": share / 4, "low": 0.0, "high": 0.5}}


METRICS = {
    "audit": {"ids": 0, "counts": 0, "files": 2},
    "ingest": {
        "documents": 4,
        "pages": 71,
        "characters": 81531,
        "characters_per_page": 1148.3,
        "tokens": 55826,
        "tokens_per_character": 0.6847,
        "passages": 190,
        "terms": 220,
        "rejects": 1,
        "unread_files": 1,
        "unread_pages": 2,
        "corpora_for": {"bank_of_korea_outlook_2023": 1.17, "bloomberggpt": 12500000.0},
    },
    "validate_inputs": {"terms": {"rows": 220, "expectations": 4, "critical_failed": 0, "warning_failed": 1}},
    "validate_mixture": {"mixture": {"rows": 12, "expectations": 10, "critical_failed": 0, "warning_failed": 0}},
    "testset": {
        "questions": 8,
        "rejects": 0,
        "answers": {"A": 2, "B": 2, "C": 2, "D": 2},
        "version": 3,
        "digest": "3049cbc08e78aa11",
    },
    "generate": {
        "usd_new": 0.0125,
        "usd_lost": 0.25,
        "usd_total": 1.5,
        "usd_at_reference_price": 2.25,
        "usd_saved_at_reference_price": 2.0,
        "prompt_tokens": 900,
        "completion_tokens": 300,
        "calls_new": 3,
        "calls_total": 24,
        "replies_rejected": 1,
        "capacity": {"glossary_qa": 440, "summary": 120},
        "by_recipe": {"summary": {"calls": 24, "usd": 1.5, "usd_at_reference_price": 2.25}},
        "yields": {
            "summary": {
                "asked": 20,
                "parsed": 6,
                "mended": 2,
                "rows": 6,
                "bad_replies": {"a sentence stands twice": 14},
            }
        },
        "estimate": {
            "guessed": {},
            "error": {"summary": {"calls": -0.125, "completion_tokens": 0.5, "usd": None, "rows": None}},
        },
    },
    "judge": {
        "usd_new": 0.0,
        "usd_lost": 0.0,
        "usd_total": 0.25,
        "usd_at_reference_price": 0.5,
        "usd_saved_at_reference_price": 0.5,
        "prompt_tokens": 80,
        "completion_tokens": 8,
        "calls_new": 0,
        "calls_total": 8,
        "judged": {"solved": {"rows": 4, "right": 0.75}, "solved_blind": {"rows": 4, "right": 0.25}},
    },
    "quality": {
        "sample": 12,
        "judged": 4,
        "reviewers": {"kim": 4},
        "agreement": None,
        "verdicts_timed": 3,
        "reviewer_hours": 0.5,
        "by_family": {
            "all": {
                "rows": 4,
                "instruction_valid": {"accuracy": 1.0, "low": 0.5101, "high": 1.0},
                "input_fits": {"accuracy": 1.0, "low": 0.5101, "high": 1.0},
                "output_right": {"accuracy": 0.75, "low": 0.3006, "high": 0.9544},
                "all_right": {"accuracy": 0.75, "low": 0.3006, "high": 0.9544},
            }
        },
    },
    "filter": {
        "candidates": 10,
        "kept": 7,
        "rejected": 3,
        "rejected_by_filter": {"empty": 1, "novelty": 2},
        "rejected_by_recipe": {"summary": {"empty": 1, "novelty": 2}},
        "flagged_by_filter": {},
        "kept_by_recipe": {"glossary_qa.definition": 4, "summary.short": 3},
    },
    "review": {
        "rows": 7,
        "approved": 5,
        "accepted": 2,
        "edited": 1,
        "rejected": 1,
        "waiting": 3,
        "waiting_left_out": 1,
        "conflicts": 1,
        "gone": 0,
        "decisions": 5,
        "undone": 0,
        "unread": 0,
        "reviewers": {"kim": {"decisions": 3, "hours": 0.15}, "lee": {"decisions": 2, "hours": 0.1}},
        "reviewer_hours": 0.25,
        "verdicts_timed": 4,
        "agreement": {
            "rows": 2,
            "alike": 0.5,
            "krippendorffs_alpha": {"rows": 2, "value": 0.25, "low": -0.5, "high": 1.0},
            "cohens_kappa": {"kim, lee": {"rows": 2, "value": 0.0, "low": None, "high": None}},
        },
        "yield": {
            "decided": 4,
            "wrong": 2,
            "by_chance": 1.71,
            "doubtful": {"rows": 3, "decided": 3, "wrong": 2, "share": 0.6667, "low": 0.2077, "high": 0.9385},
            "others": {"rows": 4, "decided": 1, "wrong": 0, "share": 0.0, "low": 0.0, "high": 0.7935},
        },
    },
    "mix": {
        "rows": 12,
        "domain_rows": 6,
        "general_rows": 6,
        "general_share": 0.5,
        "tokens": 1234,
        "general_share_by_tokens": 0.43,
    },
    "train": {
        "gpu_hours": 8.0,
        "cpu_hours": 0.0,
        "device_hours": 8.0,
        "device": "NVIDIA A100",
        "devices": 1,
        "dtype": "bfloat16",
        "trainable_parameters": 7593984,
        "steps": 60,
        "tokens_per_second": 950,
        "final_loss": 1.25,
    },
    "evaluate": {
        "n": 8,
        "baseline": 0.25,
        "headline": "choice_text",
        "dtype": "bfloat16",
        "permutations": True,
        "few_shot": 2,
        "device_hours": {
            "base": {"choice_text": 0.004, "letter": 0.016},
            "adapter": {"choice_text": 0.004, "letter": 0.02},
        },
        "hosted": {
            "gpt-4o": SCORE_ASKED | {"consistency": 0.875, "unparsable": 0.0625, "usd_per_1000_questions": 0.1875}
        },
        "accounts": {
            "usd_new": 0.25,
            "usd_lost": 0.0,
            "usd_total": 0.5,
            "usd_at_reference_price": 0.25,
            "usd_saved_at_reference_price": 0.125,
            "prompt_tokens": 40,
            "completion_tokens": 4,
            "calls_new": 4,
            "calls_total": 8,
        },
        "choice_text": {
            "base": SCORE_BEFORE,
            "adapter": SCORE_AFTER,
            "gained": 4,
            "lost": 1,
            "mcnemar_p": 0.375,
            "detectable_difference": 0.8125,
        },
        "letter": {
            "base": SCORE_BEFORE | {"consistency": 0.125},
            "adapter": SCORE_BEFORE | {"consistency": 0.25},
            "gained": 0,
            "lost": 0,
            "mcnemar_p": 1.0,
            "detectable_difference": None,
        },
        "general": GENERAL,
        "forgetting": FORGETTING,
    },
    "answers": {
        "usd_new": 0.0,
        "usd_lost": 0.0,
        "usd_total": 0.125,
        "usd_at_reference_price": 0.25,
        "usd_saved_at_reference_price": 0.125,
        "prompt_tokens": 60,
        "completion_tokens": 30,
        "calls_new": 2,
        "calls_total": 12,
        "rag": {"n": 6, "answerable": 6, "base": of_model(0.25), "adapter": of_model(0.75)},
        "open": {
            "base": {"mean_chars": 120.5, "empty": part(2, 0.0), "loops": part(2, 0.5)},
            "adapter": {"mean_chars": 80.0, "empty": part(2, 0.0), "loops": part(2, 0.0)},
            "compared": {
                "n": 12,
                "unjudged": 1,
                "wins": 6,
                "ties": 5,
                "losses": 1,
                "sign_p": 0.125,
                "order_decided": part(12, 0.25),
                "first_named": part(20, 0.625),
            },
        },
    },
}

# rows of reports/plots/breakdown.json
BREAKDOWN = [
    {"evaluator": evaluator, "model": model, "by": by, "group": "number", "questions": 8} | score
    for evaluator, model, by, score in (
        ("choice_text", "base", "kind", {"accuracy": 0.25, "low": 0.1, "high": 0.5}),
        ("choice_text", "adapter", "kind", {"accuracy": 0.625, "low": 0.3, "high": 0.86}),
        ("choice_text", "adapter", "recipe", {"accuracy": 0.9876, "low": 0.3, "high": 0.86}),
        ("letter", "adapter", "kind", {"accuracy": 0.8765, "low": 0.3, "high": 0.86}),
    )
]
