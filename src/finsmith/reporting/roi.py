"""The own model's costs beside a hosted one's, in words and figures; and a plan for more rows, in words.

Not covered: where the numbers come from; they are the content of roi.json and plan.json.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from .figures import cumulative_costs, tornado_bars
from .scaling import which_fits

_SHOWN = 10  # bars of the tornado in the terminal
NAMES = {  # of the assumptions, on the Korean page
    "discount_rate": "할인율 (연)",
    "krw_per_usd": "환율 (원/USD)",
    "load.queries_per_month": "질문 (월)",
    "load.growth_per_year": "질문 증가 (연)",
    "load.prompt_tokens": "프롬프트 토큰",
    "load.completion_tokens": "답 토큰",
    "load.busy_hours_per_month": "질문이 오는 시간 (월)",
    "load.peak_factor": "가장 붐빌 때의 배수",
    "hosted.usd_per_million_prompt_tokens": "외부 모델 프롬프트 단가",
    "hosted.usd_per_million_completion_tokens": "외부 모델 답 단가",
    "hosted.price_change_per_year": "외부 모델 단가 변화 (연)",
    "serving.usd_per_gpu_hour": "서빙 GPU 단가",
    "serving.least_replicas": "늘 켜 두는 모델 수",
    "serving.tokens_per_second": "모델 하나의 토큰 (초)",
    "serving.utilisation": "계획 사용률",
    "serving.held_hours_per_month": "GPU를 켜 두는 시간 (월)",
    "people.day_rate_krw": "하루 인건비 (원)",
    "people.build_days": "구축 인력 (일)",
    "people.run_days_per_month": "운영 인력 (월, 일)",
    "review.minutes_per_row": "행 하나의 검토 (분)",
    "build.api_usd": "구축 API 비용",
    "build.review_days": "검토 인력 (일)",
    "build.trainings": "남길 때까지의 학습 횟수",
    "retraining.per_quarter": "재학습 (분기)",
    "retraining.api_share": "재학습의 API 몫",
    "retraining.gpu_share": "재학습의 GPU 몫",
    "retraining.people_share": "재학습의 인력 몫",
}
_COLUMNS = ("own_usd", "hosted_usd", "own_cumulative_usd", "hosted_cumulative_usd")


def roi_lines(content: Mapping[str, Any]) -> Iterator[str]:
    """The result, what it is made of, and what it hangs on most."""
    build, months = content["build"], content["months"]
    source = "the last run and `roi.build`" if build["figures_from_run"] else "`roi.build`"
    yield (
        f"build     {_money(content, build['usd'])}: {build['api_usd']:,.2f} USD of API, "
        f"{build['gpu_usd']:,.2f} of GPUs, {build['people_days']:.1f} person-days = {build['people_usd']:,.2f} "
        f"(from {source})"
    )
    implied = content["hours_are_implied_by_usd_per_gpu_hour"]
    for name, one in content["trainings"].items():
        at = f", implied at {implied:.2f} USD a GPU hour" if implied else ""
        hours = "–" if one["gpu_hours"] is None else f"{one['gpu_hours']:,.2f}"
        yield f"training  {name}: {one['usd']:,.2f} USD, {hours} device hours{at}"
    yield (
        f"a month   own {content['gpu_month_usd']:,.2f} USD for {_counted(content['gpus'], 'GPU')} and "
        f"{content['people_month_usd']:,.2f} of people; a retraining {content['retraining_usd']:,.2f}; hosted "
        f"{content['hosted_month_usd']:,.2f} for {content['queries_per_month']:,.0f} queries by "
        f"{content['hosted_model']}"
    )
    yield f"{months} months own {_money(content, content['usd']['own'])}"
    yield f"          hosted {_money(content, content['usd']['hosted'])}"
    yield f"          saving {_money(content, content['usd']['saving'])}"
    yield f"payback   {payback(content)}"
    yield f"even at   {_break_even(content)}"
    yield f"accuracy  {_accuracies(content['accuracy'], content['hosted_model'])}"
    yield "          costs are compared at whatever accuracy either has; a better answer is given no price"
    yield ""
    yield f"What it hangs on: saving in {months} months and payback with one assumption changed"
    yield from _table(("assumption", "low", "high", "saving at low", "at high", "payback", "payback"), _bars(content))


def payback(content: Mapping[str, Any]) -> str:
    """When the own model has cost no more than the hosted one, or why never."""
    month, saving = content["payback_month"], content["usd"]["saving"]
    if month and saving >= 0:
        return f"month {month}"
    if month:
        return f"month {month}, but it falls behind again: {-saving:,.0f} USD dearer after {content['months']}"
    each = content["saving_each_month_usd"]
    if each <= 0:
        return f"never: on average a month costs {-each:,.2f} USD more than the hosted model"
    return f"not within {content['months']} months: on average a month saves {each:,.2f} USD"


def roi_page(content: Mapping[str, Any]) -> str:
    """One HTML file that opens offline."""
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent), undefined=StrictUndefined, autoescape=True, trim_blocks=True
    )
    return templates.get_template("roi.html.j2").render(
        c=content,
        cumulative=cumulative_costs(content),
        tornado=tornado_bars(
            [bar | {"name": NAMES[bar["assumption"]]} for bar in content["tornado"]], content["usd"]["saving"]
        ),
        names=NAMES,
    )


def roi_csv(content: Mapping[str, Any]) -> str:
    """A row for each month, in USD and KRW; month 0 is the build."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["month", "gpus", *_COLUMNS, *(name.replace("_usd", "_krw") for name in _COLUMNS)])
    for month in content["monthly"]:
        usd = [month[name] for name in _COLUMNS]
        krw = [value * content["krw_per_usd"] for value in usd]
        writer.writerow([month["month"], month["gpus"], *(f"{v:.2f}" for v in usd), *(f"{v:.0f}" for v in krw)])
    return out.getvalue()


def plan_lines(content: Mapping[str, Any]) -> Iterator[str]:
    """What was asked, the rows and the accuracy, a table by recipe, what it costs, and what the corpus lacks."""
    yield from _asked(content)
    headings = ("recipe", "rows", "of them new", "corpus bears", "calls", "USD", "days of review")
    rows = [
        (
            name,
            f"{one['rows']:,}",
            f"{one['new_rows']:,}",
            f"{one['bears']:,}",
            f"{one['calls']:,.0f}",
            f"{one['usd']:,.4f}",
            f"{one['review_days']:.2f}",
        )
        for name, one in content["recipes"].items()
    ]
    judge = content["judge"]
    rows.append(("judging", "", "", "", f"{judge['calls']:,.0f}", f"{judge['usd']:,.4f}", ""))
    bears = f"{sum(one['bears'] for one in content['recipes'].values()):,}"
    total = (f"{content['calls']:,.0f}", f"{content['api_usd']:,.4f}", f"{content['review_days']:.2f}")
    rows.append(("all", f"{content['rows']:,}", f"{content['new_rows']:,}", bears, *total))
    yield from _table(headings, rows)
    price = ", calls at the reference price: the last run's teacher was free" if content["at_reference_price"] else ""
    yield (
        f"training  {content['device_hours']:.3f} device hours = {content['device_usd']:,.2f} USD at "
        f"{content['usd_per_device_hour']:.2f} an hour"
    )
    yield f"in all    {content['usd']:,.2f} USD{price}; {content['review_days']:.2f} days of review are beside it"
    if more := content["more"]:
        count = "–" if more["count"] is None else f"{more['count']:,}"
        yield (
            f"corpus    it does not bear {content['beyond_corpus']:,} of these rows: about {count} more {more['unit']} "
            f"are needed at the present yield (it has {more['present']:,})"
        )


def _asked(content: Mapping[str, Any]) -> Iterator[str]:
    rows, most, told = f"{content['rows']:,} domain rows", f"{content['most_rows']:,}", content["accuracy"]
    accuracy = f"{_share(told)} by the curve"
    if (budget := content["asked"].get("budget_usd")) is not None:
        yield f"{budget:,.2f} USD of calls and device hours pay for {rows}: {accuracy}"
        if not content["reached"]:
            yield f"          they would pay for more, but beyond {most} rows the curve says nothing"
    elif content["reached"]:
        at = content["rows_interval"]
        low, high = (f"{at[end]:,.0f}" if at[end] is not None else f"beyond {most}" for end in ("low", "high"))
        yield (
            f"{content['asked']['accuracy']:.1%} takes {rows} by the curve (95 % interval {low} to {high}; of the "
            f"accuracy there {told['low']:.1%} to {told['high']:.1%})"
        )
    else:
        yield (
            f"{content['asked']['accuracy']:.1%} is not within reach: the best up to {most} rows, 64 times those that "
            f"were trained on, is {accuracy}. What that takes:"
        )
    fits = which_fits(content["aic"]["curve"], content["aic"]["line"])
    by_line = f"{content['line_accuracy']:.1%} for so many"
    if "line_rows" in content:
        by_line = f"{content['line_rows']:,} rows" if content["line_rows"] else f"more than {most} rows"
    yield f"          a straight line in log rows says {by_line}; {fits}"


def _money(content: Mapping[str, Any], usd: float) -> str:
    return f"{usd:,.2f} USD = {usd * content['krw_per_usd']:,.0f} KRW"


def _break_even(content: Mapping[str, Any]) -> str:
    queries = content["break_even_queries_per_month"]
    if queries is None:
        return (
            f"no number of queries: not even a thousand million a month pay it back within {content['months']} months"
        )
    return f"{queries:,.0f} queries a month, all else as assumed"


def _accuracies(of: Mapping[str, Any], hosted: str) -> str:
    own = f"own {_measured(of['own'])} on {of['questions']} questions" if of["own"] else "own not known here"
    if of["hosted"]:
        return f"{own}, {hosted} {_measured(of['hosted'])}"
    return f"{own}, {hosted} not known: it has not sat the test (`evaluate.hosted`)"


def _bars(content: Mapping[str, Any]) -> list[tuple[str, ...]]:
    return [
        (
            bar["assumption"],
            *(f"{bar[end]:,.10g}" for end in ("low", "high")),
            *(f"{bar['at'][end]['saving_usd']:,.0f}" for end in ("low", "high")),
            *(_month(bar["at"][end]["payback_month"]) for end in ("low", "high")),
        )
        for bar in content["tornado"][:_SHOWN]
    ]


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _month(month: int | None) -> str:
    return "none" if month is None else str(month)


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    for row in (headings, *rows):
        first, *others = (
            cell.rjust(width) if at else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join(("", first, *others)).rstrip()


def _measured(score: Mapping[str, float]) -> str:
    return _share({"value": score["accuracy"], "low": score["low"], "high": score["high"]})


def _share(of: Mapping[str, float]) -> str:
    return f"{of['value']:.1%} [{of['low']:.1%}, {of['high']:.1%}]"
