"""The summary of a run: one JSON for machines, a few lines for the terminal.

Not covered: where the figures come from; each is a stage's metric.
"""

from collections.abc import Mapping
from typing import Any

from .costs import ReportParams, costs
from .yields import yields

Metrics = Mapping[str, dict[str, Any]]


def summarise(metrics: Metrics, params: ReportParams) -> dict[str, Any]:
    """summary.json's content from the metrics of the stages, keyed by stage name."""
    evaluation = metrics["evaluate"]
    headline = evaluation[evaluation["headline"]]
    return {
        "corpus": metrics["ingest"],
        "capacity": metrics["generate"]["capacity"],
        "testset": metrics["testset"],
        "validation": {
            name: counts
            for stage, of in sorted(metrics.items())
            if stage.startswith("validate_")
            for name, counts in of.items()
        },
        "funnel": metrics["filter"],
        "recipes": yields(metrics["generate"], metrics["filter"]),
        "estimate": metrics["generate"]["estimate"],
        "review": metrics["review"],
        "mixture": metrics["mix"],
        "quality": metrics["quality"],
        "judged": metrics["judge"]["judged"],
        "training": metrics["train"],
        "evaluation": {
            "n": evaluation["n"],
            "baseline": evaluation["baseline"],
            "headline": evaluation["headline"],
            **{name: evaluation[name] for name in ("dtype", "permutations", "few_shot", "device_hours")},
            **{name: headline[name] for name in ("base", "adapter", "mcnemar_p", "detectable_difference")},
            "by_evaluator": {
                k: v for k, v in evaluation.items() if isinstance(v, dict) and {"base", "mcnemar_p"} <= v.keys()
            },
            "hosted": evaluation.get("hosted", {}),
            "general": evaluation["general"],
            "forgetting": evaluation["forgetting"],
        },
        "answers": {name: metrics["answers"][name] for name in ("rag", "open")},
        "audit": metrics["audit"],
        "costs": costs(_asked(metrics), metrics["train"], [metrics["review"], metrics["quality"]], headline, params),
    }


def _asked(metrics: Metrics) -> list[dict[str, Any]]:
    """The accounts of the stages that asked a teacher; `evaluate` asks one only where hosted models sat the test."""
    always = [metrics[name] for name in ("generate", "judge", "answers")]
    return [*always, *filter(None, [metrics["evaluate"].get("accounts")])]


def summary_lines(summary: Mapping[str, Any]) -> list[str]:
    """The summary as a person reads it at the end of a run."""
    corpus, funnel, mixture, evaluation, money = (
        summary[name] for name in ("corpus", "funnel", "mixture", "evaluation", "costs")
    )
    general, forgotten = evaluation["general"], evaluation["forgetting"]
    return [
        f"corpus    {corpus['documents']} documents, {corpus['pages']} pages, {corpus['characters']:,} characters, "
        f"{corpus['tokens']:,} tokens; {corpus['terms']} terms; {corpus['rejects']} rejects",
        f"rows      {funnel['kept']:,} kept and {funnel['rejected']:,} rejected of {funnel['candidates']:,}; "
        f"{mixture['rows']:,} in training, {mixture['general_share']:.0%} general",
        f"review    {_reviewed(summary['review'])}",
        "recipes   "
        + "; ".join(
            f"{name} {one['kept']} kept" + (f" of {one['asked']} asked" if one["asked"] else "")
            for name, one in summary["recipes"].items()
        ),
        f"test      {_tested(summary['testset'])}",
        f"accuracy  {_share(evaluation['base'])} -> {_share(evaluation['adapter'])} on {evaluation['n']} questions by "
        f"{evaluation['headline']}, McNemar p = {evaluation['mcnemar_p']:.2g} ({_verdict(evaluation)})",
        *(
            f"          {_share(scores['base'])} -> {_share(scores['adapter'])} by {name}, "
            f"p = {scores['mcnemar_p']:.2g}"
            for name, scores in evaluation["by_evaluator"].items()
            if name != evaluation["headline"]
        ),
        f"          {_findable(evaluation['detectable_difference'])}",
        *(
            f"          {_share(score)} by {name}, {score['usd_per_1000_questions']:.4f} USD for 1,000 questions"
            for name, score in evaluation["hosted"].items()
        ),
        f"general   {_share(general['base'])} -> {_share(general['adapter'])} on {general['n']} questions, forgetting "
        f"{forgotten['points']:.1f} points, McNemar p = {forgotten['mcnemar_p']:.2g} ({_verdict(forgotten)})",
        *_answer_lines(summary["answers"]),
        f"spent     {money['openai_usd_new']:.4f} USD of API now, {money['openai_usd_total']:.4f} in all "
        f"({money['openai_usd_at_reference_price']:.4f} at the reference price); "
        f"{money['device_hours']:.3f} device hours = {money['device_usd']:.2f} USD, "
        f"{money['gpu_hours']:.3f} GPU hours = {money['p4d_equivalent_usd']:.2f} USD at p4d price",
        f"          {money['reviewer_hours']:.3f} hours of people = {money['reviewer_usd']:.2f} USD "
        f"({money['verdicts_timed']} verdicts timed); {money['total_usd']:.2f} USD in all, {_by_point(money)}",
        *([_roi_line(summary["roi"])] if "roi" in summary else []),
        f"audit     {_audited(summary['audit'])} (finsmith audit)",
    ]


def _reviewed(review: Mapping[str, Any]) -> str:
    """What people decided on the rows that were kept, what waits for them, and how far they agree."""
    decided = [f"{review[name]:,} {name}" for name in ("accepted", "edited", "rejected")]
    told = (
        f"{', '.join(decided)} by people; {review['waiting']:,} wait for them, {review['waiting_left_out']:,} left out"
    )
    if review["conflicts"]:
        told += f"; {review['conflicts']:,} in conflict"
    alpha = review["agreement"]["krippendorffs_alpha"]
    if alpha["low"] is not None:
        interval = f"[{alpha['low']:.2f}, {alpha['high']:.2f}]"
        told += f"; Krippendorff's alpha {alpha['value']:.2f} {interval} on {alpha['rows']:,} rows"
    found = review["yield"]
    if found["decided"]:
        told += f"; wrong were {_wrong(found['doubtful'])} doubtful rows, {_wrong(found['others'])} others"
    if review["unread"]:
        told += f"; {review['unread']:,} lines are no decisions (data/reviewed/unread.jsonl)"
    return told


def _wrong(found: Mapping[str, Any]) -> str:
    """How many of the rows that people looked at were wrong, with the interval of the share."""
    told = f"{found['wrong']:,} of {found['decided']:,}"
    return told if found["share"] is None else f"{told} [{found['low']:.0%}, {found['high']:.0%}]"


def _tested(testset: Mapping[str, Any]) -> str:
    """Which questions were asked: the frozen version, or that there is none."""
    version = testset.get("version", 0)
    told = f"version {version}, digest {testset['digest'][:12]}" if version else "not frozen"
    return f"{testset['questions']:,} questions, {told} (finsmith testset)"


def _audited(faults: Mapping[str, int]) -> str:
    failed = [f"{name} ({count} faults)" for name, count in faults.items() if count]
    return (
        f"{len(failed)} of {len(faults)} checks failed: {', '.join(failed)}"
        if failed
        else f"{len(faults)} checks passed"
    )


def _by_point(money: Mapping[str, Any]) -> str:
    if money["usd_per_point"] is None:
        return "no point of accuracy gained"
    return f"{money['usd_per_point']:.2f} for each of {money['gain_points']:.1f} points of accuracy gained"


def _roi_line(roi: Mapping[str, Any]) -> str:
    """When the own model pays back by the assumptions of `roi`."""
    month = roi["payback_month"]
    after = f"pays back in month {month}" if month else f"does not pay back within {roi['months']} months"
    return (
        f"roi       {after} beside {roi['hosted_model']} at {roi['queries_per_month']:,.0f} queries a month; saving "
        f"in {roi['months']} months {roi['saving_usd']:,.0f} USD = {roi['saving_krw']:,.0f} KRW "
        "by the assumptions of `roi` (finsmith roi)"
    )


def _answer_lines(answers: Mapping[str, Any]) -> list[str]:
    """What rules say of answers from clues, and a judge of open ones; no line of what was not asked."""
    rag, lines = answers["rag"], []
    if "adapter" in rag:
        told = (
            ("grounded", "grounded"),
            ("right_clue", "name the right clue"),
            ("says_answer", "say the answer"),
            ("right_refusals", "right refusals"),
            ("wrong_refusals", "wrong refusals"),
        )
        shares = (f"{words} {_part(rag['base'][name])} -> {_part(rag['adapter'][name])}" for name, words in told)
        lines.append(f"answers   on {rag['n']} questions with clues: {'; '.join(shares)}")
    if one := answers["open"]["compared"]:
        lines.append(
            f"judged    adapter better {one['wins']}, worse {one['losses']}, neither {one['ties']} of {one['n']} open "
            f"answers, p = {one['sign_p']:.2g}; the order decided {_part(one['order_decided'])}"
        )
    return lines


def _part(share: Mapping[str, float] | None) -> str:
    return f"{share['share']:.0%} of {share['n']}" if share else "–"


def _findable(difference: float | None) -> str:
    if difference is None:
        return "so few questions show no difference between two models"
    return f"so many questions show a difference of {100 * difference:.1f} points, four times in five"


def _verdict(scores: Mapping[str, Any]) -> str:
    return f"{'significant' if scores['mcnemar_p'] < 0.05 else 'not significant'} at 0.05"


def _share(score: Mapping[str, float]) -> str:
    return f"{score['accuracy']:.1%} [{score['low']:.1%}, {score['high']:.1%}]"
