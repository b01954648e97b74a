"""The inline figures."""

import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from finsmith.reporting.figures import accuracy_bars, funnel_waterfall, loss_curve, overlap_histogram, verb_bars

from .metrics import METRICS

SCORES = {name: METRICS["evaluate"][name] for name in ("choice_text", "letter")}
STEPS = [
    {"step": "0 candidates", "rows": 10},
    {"step": "1 빈 행 <empty> & co", "rows": 9},
    {"step": "2 새로움", "rows": 7},
]
VERBS = [
    {"verb": "요약하다", "rows": 6, "objects": [["글", 3], ["표", 1]]},
    {"verb": "?", "rows": 1, "objects": [["?", 1]]},
]
FIGURES = {
    "loss": lambda: loss_curve([{"step": 10, "loss": 3.2}, {"step": 20, "loss": 1.7}]),
    "loss of rows and pairs": lambda: loss_curve([{"step": 10, "loss": 3.2}, {"step": 20, "preference_loss": 0.7}]),
    "loss of one point": lambda: loss_curve([{"step": 10, "loss": 3.2}]),
    "funnel": lambda: funnel_waterfall(STEPS),
    "funnel without rows": lambda: funnel_waterfall([{"step": "0 candidates", "rows": 0}]),
    "verbs": lambda: verb_bars(VERBS),
    "no verbs": lambda: verb_bars([]),
    "overlap": lambda: overlap_histogram([3, 0, 1, 2]),
    "accuracy": lambda: accuracy_bars(SCORES, 0.25),
}
SVG = "{http://www.w3.org/2000/svg}"


def texts(svg):
    return ["".join(node.itertext()) for node in ElementTree.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_valid_svg_without_links_outward(name):
    """Every figure parses as XML with an svg root, refers only into itself, and runs no script."""
    svg = FIGURES[name]()
    root = ElementTree.fromstring(svg)
    assert root.tag == f"{SVG}svg"
    links = [value for node in root.iter() for key, value in node.attrib.items() if key.endswith(("href", "src"))]
    assert all(link.startswith("#") for link in links)
    assert not list(root.iter(f"{SVG}script")) and "@import" not in svg
    assert re.findall(r"url\(([^)]*)\)", svg) == [u for u in re.findall(r"url\(([^)]*)\)", svg) if u.startswith("#")]


@pytest.mark.parametrize("name", FIGURES)
def test_the_same_figures_are_the_same_bytes(name):
    """No date, version or random id is in a figure."""
    assert FIGURES[name]() == FIGURES[name]()


def test_letters_stay_letters():
    """Step names, Korean and mark-up characters included, are text a browser can show, with what each took away."""
    shown = texts(funnel_waterfall(STEPS))
    assert {"후보", "빈 행 <empty> & co", "새로움", "남김"} <= set(shown)
    assert {"10", "-1", "-2", "7"} <= set(shown)


def test_filters_that_took_nothing_are_left_out():
    """A funnel of many filters shows those that rejected a row."""
    idle = [*STEPS, {"step": "3 idle", "rows": 7}]
    assert "idle" not in texts(funnel_waterfall(idle))


def test_accuracy_labels_name_evaluator_model_and_percentage():
    """Each bar says whose it is and how high."""
    shown = texts(accuracy_bars(SCORES, 0.25))
    assert "choice_text · base 25.0%" in shown and "choice_text · adapter 62.5%" in shown
    assert "letter · adapter 25.0%" in shown


def test_another_process_draws_the_same_bytes():
    """A fresh interpreter with another hash seed gives the same figure."""
    code = (
        "import sys\nfrom tests.reporting.metrics import METRICS\n"
        "from finsmith.reporting.figures import accuracy_bars\n"
        "sys.stdout.write(accuracy_bars({n: METRICS['evaluate'][n] for n in ('choice_text', 'letter')}, 0.25))"
    )
    root = Path(__file__).parents[2]
    settings = {"PYTHONHASHSEED": "7", "PYTHONPATH": f"{root / 'src'}{os.pathsep}{root}", "PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | settings, capture_output=True, encoding="utf-8", check=True
    )
    assert done.stdout == accuracy_bars(SCORES, 0.25)


def test_a_verb_shows_its_objects_and_count():
    """The verb as the label, the objects in the bar, and how many rows in all."""
    shown = texts(verb_bars(VERBS))
    assert {"요약하다", "글", "표", "6"} <= set(shown)
