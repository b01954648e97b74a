"""The section roi: what it refuses, and how its assumptions are found and changed."""

from pathlib import Path

import pytest
import yaml

from finsmith.core.errors import ParamsError
from finsmith.core.params import load_params
from finsmith.economics.params import RoiParams, assumptions, with_value

from .assumed import assumed, section

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("file", ["params.yaml", "docs/examples/reference_build.yaml"])
def test_delivered_files_are_valid_and_nothing_is_left_out(file):
    """Every key of the section is read, and each assumption of the file is found under its key."""
    params = load_params(RoiParams, ROOT / file)
    content = yaml.safe_load((ROOT / file).read_text("utf-8"))["roi"]

    def written(of, above=""):
        for key, value in of.items():
            if isinstance(value, dict) and "low" in value:
                yield f"{above}{key}"
            elif isinstance(value, dict):
                yield from written(value, f"{above}{key}.")

    assert [key for key, _ in assumptions(params)] == list(written(content))


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        (
            "load__peak_factor",
            {"value": 3, "low": 4, "high": 5},
            "`roi.load.peak_factor`: Value error, low <= value <=",
        ),
        ("load__peak_factor", {"value": 3, "low": 2}, "the key `roi.load.peak_factor.high` is missing"),
        ("load__peak_factor", 0.5, "`roi.load.peak_factor`: Value error, must be 1 or more"),
        ("serving__utilisation", 1.2, "`roi.serving.utilisation`: Value error, must be a share above 0"),
        ("serving__tokens_per_second", 0, "must be above 0"),
        ("serving__held_hours_per_month", 800, "must be hours of a month, 1 to 744"),
        ("retraining__api_share", -0.1, "must be a share from 0 to 1"),
        ("hosted__price_change_per_year", -1, "must be a change of -0.99 or more"),
        ("krw_per_usd", float("inf"), "must be above 0"),
        ("discount_rate", float("nan"), "low <= value <= high must hold"),
        ("build__gpu_usd", {"13B": -1}, "`roi.build.gpu_usd.13B`"),
        ("load", {}, "the key `roi.load.queries_per_month` is missing"),
    ],
)
def test_what_cannot_be_is_refused_by_its_key(tmp_path, key, value, says):
    """Ends out of order, a missing end and values out of range are told with file and key."""
    path = tmp_path / "params.yaml"
    path.write_text(yaml.safe_dump({"roi": section(**{key: value})}), "utf-8")
    with pytest.raises(ParamsError) as error:
        load_params(RoiParams, path)
    assert says in str(error.value) and str(path) in str(error.value)


@pytest.mark.parametrize("key", ["krw_per_usd", "load.peak_factor"])
def test_one_assumption_is_changed_and_no_other(key):
    """Of the changed parameters one value differs; the first ones are as they were."""
    params = assumed()
    before = dict(assumptions(params))
    after = dict(assumptions(with_value(params, key, 7.5)))
    assert after[key].value == 7.5 and dict(assumptions(params)) == before
    assert {name for name in before if before[name] != after[name]} == {key}
