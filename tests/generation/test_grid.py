"""Cells of a grid: even on every axis at every length, none twice, pairs spread; and the grids the package ships."""

import itertools
import math
import os
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finsmith.core.errors import ParamsError
from finsmith.generation.grid import GRIDS, Cell, Grid, Value, coverage, even_cells, read_grids

ROOT = Path(__file__).parents[2]
FILES = ("scenarios", "textbook")
SHIPPED = [grid for name in FILES for grid in read_grids(GRIDS / f"{name}.ko.yaml")]
GOOD = """
grids:
  - name: lending
    title: 여신
    axes:
      채널: [창구, 모바일 앱]
      독자:
        - 고객
        - 직원: 업무 용어로 씁니다.
"""

lengths = st.lists(st.integers(1, 8), min_size=1, max_size=4).filter(lambda drawn: math.prod(drawn) <= 600)
seeds = st.integers(0, 9)


def grid_of(sizes, name="made"):
    """A grid with axes of these lengths and the values "0", "1", …"""
    axes = {f"axis {at}": [str(value) for value in range(size)] for at, size in enumerate(sizes)}
    return Grid(name=name, title="made", axes=axes)


def places(cells):
    return [tuple(value.name for value in cell.values.values()) for cell in cells]


def largest_gap(cells, values, *axes):
    """Most uses less fewest uses of a combination of the axes' values."""
    uses = Counter(itertools.product(*([value.name for value in values[axis]] for axis in axes)))
    uses.update(tuple(cell.values[axis].name for axis in axes) for cell in cells)
    return max(uses.values()) - min(uses.values())


# --- the walk ---


@given(sizes=lengths, seed=seeds, data=st.data())
def test_every_axis_is_even_at_every_count(sizes, seed, data):
    """After any number of cells, more than there are included, the uses of an axis' values differ by at most 1."""
    grid = grid_of(sizes)
    cells = even_cells(grid, data.draw(st.integers(0, 2 * grid.size + 1)), seed)
    for axis, values in grid.axes.items():
        uses = dict.fromkeys((value.name for value in values), 0)
        for cell in cells:
            uses[cell.values[axis].name] += 1
            assert max(uses.values()) - min(uses.values()) <= 1


@given(sizes=lengths, seed=seeds)
def test_no_cell_comes_twice_before_all_have_come(sizes, seed):
    """Each round of as many cells as the grid has is exactly the grid."""
    grid = grid_of(sizes)
    drawn = places(even_cells(grid, 2 * grid.size, seed))
    every = sorted(itertools.product(*([str(value) for value in range(size)] for size in sizes)))
    assert sorted(drawn[: grid.size]) == every
    assert sorted(drawn[grid.size :]) == every


@given(sizes=lengths, seed=seeds, data=st.data())
def test_fewer_cells_are_the_first_of_more(sizes, seed, data):
    """The cells depend on grid and seed alone; a smaller count takes the first of them."""
    grid = grid_of(sizes)
    more = data.draw(st.integers(0, 2 * grid.size))
    fewer = data.draw(st.integers(0, more))
    cells = even_cells(grid, more, seed)
    assert len(cells) == more
    assert even_cells(grid, fewer, seed) == cells[:fewer]


def test_seed_name_and_round_change_the_order():
    """Another seed, another name of the grid and the second round each give another order."""
    sizes = (5, 4, 3)
    twice = places(even_cells(grid_of(sizes), 120, 1))
    orders = [twice[:60], twice[60:]]
    orders += [places(even_cells(grid_of(sizes), 60, 2)), places(even_cells(grid_of(sizes, "other"), 60, 1))]
    assert len({tuple(order) for order in orders}) == 4


def test_the_cells_are_the_same_in_every_process():
    """Another process with another hash seed draws the cells this one does."""
    script = (
        "from finsmith.generation.grid import GRIDS, even_cells, read_grids\n"
        "print([cell.id for cell in even_cells(read_grids(GRIDS / 'scenarios.ko.yaml')[0], 40, 3)])"
    )
    here = str([cell.id for cell in even_cells(SHIPPED[0], 40, 3)])
    env = os.environ | {"PYTHONHASHSEED": "1"}
    ran = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == here


@given(
    sizes=st.sampled_from([(7, 5), (8, 3, 5), (4, 9, 5), (2, 3, 5, 7), (9, 1, 4)]),
    count=st.integers(0, 400),
    seed=seeds,
)
def test_pairs_are_even_where_lengths_share_no_factor(sizes, count, seed):
    """The uses of all pairs of values of two axes differ by at most 1 in the first round, whatever the count."""
    grid = grid_of(sizes)
    cells = even_cells(grid, min(count, grid.size), seed)
    for axes in itertools.combinations(grid.axes, 2):
        assert largest_gap(cells, grid.axes, *axes) <= 1


@pytest.mark.parametrize("sizes", [(8, 8, 8, 8), (10, 10, 10), (12, 6, 5, 6), (12, 8, 6, 9)])
def test_pairs_are_spread_where_lengths_share_factors(sizes):
    """Twice as many cells as pairs meet nearly all pairs of values; chance would leave out exp(-2) of them, or 14 %."""
    met = []
    for seed in range(5):
        grid = grid_of(sizes)
        for axes in itertools.combinations(grid.axes, 2):
            pairs = math.prod(len(grid.axes[axis]) for axis in axes)
            cells = even_cells(grid, 2 * pairs, seed)
            met.append(len({tuple(cell.values[axis].name for axis in axes) for cell in cells}) / pairs)
    assert sum(met) / len(met) > 0.97
    assert min(met) > 1 - math.exp(-2)


# --- coverage ---


def test_coverage_by_hand():
    """Four cells of a 2 × 4 grid, two of them the same, none of another grid; cells of a third are not looked at."""
    grid = Grid(name="g", title="t", axes={"채널": ["창구", "앱"], "독자": ["가", "나", "다", "라"]})
    drawn = [("창구", "가"), ("앱", "나"), ("창구", "다"), ("창구", "가")]
    cells = [Cell(grid="g", values={"채널": Value(name=one), "독자": Value(name=other)}) for one, other in drawn]
    assert coverage([*cells, *even_cells(grid_of((3,), "third"), 2, 1)], [grid, grid_of((2,))]) == {
        "g": {
            "drawn": 4,
            "used": 3,
            "of": 8,
            "axes": {"채널": {"min": 1, "max": 3, "never": 0}, "독자": {"min": 0, "max": 2, "never": 1}},
        },
        "made": {"drawn": 0, "used": 0, "of": 2, "axes": {"axis 0": {"min": 0, "max": 0, "never": 2}}},
    }


@given(drawn=st.lists(st.tuples(lengths, st.integers(0, 60)), max_size=3), seed=seeds)
def test_coverage_adds_up(drawn, seed):
    """Drawn cells sum up to all, each is another one until all are used, and every axis has its share of uses."""
    grids = [grid_of(sizes, str(at)) for at, (sizes, _) in enumerate(drawn)]
    cells = [cell for grid, (_, count) in zip(grids, drawn, strict=True) for cell in even_cells(grid, count, seed)]
    report = coverage(cells, grids)
    assert sum(told["drawn"] for told in report.values()) == len(cells)
    for sizes, told in zip((sizes for sizes, _ in drawn), report.values(), strict=True):
        assert told["of"] == math.prod(sizes)
        assert told["used"] == min(told["drawn"], told["of"])
        for size, axis in zip(sizes, told["axes"].values(), strict=True):
            assert (axis["min"], axis["max"]) == (told["drawn"] // size, -(-told["drawn"] // size))
            assert axis["never"] == max(0, size - told["drawn"])


# --- reading ---


def read(tmp_path, text):
    path = tmp_path / "grids.yaml"
    path.write_text(text, encoding="utf-8")
    return read_grids(path)


def test_values_are_plain_or_described(tmp_path):
    """A text is a name alone, a mapping of one key a name and how to write for it; cells carry both."""
    (grid,) = read(tmp_path, GOOD)
    assert (grid.name, grid.title, grid.size) == ("lending", "여신", 4)
    described = Value(name="직원", description="업무 용어로 씁니다.")
    assert grid.axes == {
        "채널": (Value(name="창구"), Value(name="모바일 앱")),
        "독자": (Value(name="고객"), described),
    }
    assert described in [cell.values["독자"] for cell in even_cells(grid, 2, 1)]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("title: 여신", "titel: 여신", "`grids.0.title`: Field required"),
        ("name: lending", "name: lending\n    seed: 1", "`grids.0.seed`: Extra inputs are not permitted (got 1)."),
        ("모바일 앱]", "3]", "`grids.0.axes.채널.1`: Input should be a valid dictionary or instance of Value (got 3)."),
        ("모바일 앱]", "창구]", "`grids.0.axes.채널`: Value error, stands twice: ['창구']"),
        ("[창구, 모바일 앱]", "[]", "`grids.0.axes.채널`: Tuple should have at least 1 item"),
        ("[창구, 모바일 앱]", "['', 앱]", "`grids.0.axes.채널.0.name`: String should have at least 1 character"),
        ("- 고객\n", "- {고객: , 손님: }\n", "`grids.0.axes.독자.0.name`: Field required"),
        ("grids:", "grids:\n  - {name: lending, title: t, axes: {a: [b]}}", "`grids`: Value error, stands twice: ['le"),
        ("grids:", "grid:", "`grids`: Field required"),
        (GOOD, "- grids", "`top level`: Input should be a valid dictionary"),
    ],
)
def test_a_fault_is_told_with_file_and_place(tmp_path, old, new, sentence):
    """The message names the file, the place in it and what is wrong."""
    assert old in GOOD
    with pytest.raises(ParamsError) as caught:
        read(tmp_path, GOOD.replace(old, new, 1))
    assert f"{tmp_path / 'grids.yaml'}: {sentence}" in str(caught.value)


def test_an_absent_or_broken_file_is_named(tmp_path):
    """A file that is not there, or is no YAML, is an error that names it."""
    with pytest.raises(ParamsError, match=r"none\.yaml: not found"):
        read_grids(tmp_path / "none.yaml")
    with pytest.raises(ParamsError, match=r"grids\.yaml: not valid YAML: (.|\n)*line 1"):
        read(tmp_path, "grids: [")


# --- the grids of the package ---


@pytest.mark.parametrize("name", FILES)
def test_both_languages_have_the_same_shape(name):
    """Korean and English have the same grids in the same order, axes and values as many, and described alike."""

    def shape(language):
        grids = read_grids(GRIDS / f"{name}.{language}.yaml")
        return [(g.name, [[bool(v.description) for v in values] for values in g.axes.values()]) for g in grids]

    assert shape("ko") == shape("en")


@pytest.mark.parametrize("name", FILES)
def test_both_languages_give_the_same_cells(name):
    """With one seed the cells of both languages stand at the same places of the grid."""

    def indices(language):
        return [
            [list(grid.axes[axis]).index(value) for axis, value in cell.values.items()]
            for grid in read_grids(GRIDS / f"{name}.{language}.yaml")
            for cell in even_cells(grid, 30, 5)
        ]

    assert indices("ko") == indices("en")


def test_shipped_grids():
    """Five grids with axes of 5 to 14 values; within a grid no two lengths share a factor, so pairs are even too."""
    assert [grid.name for grid in SHIPPED] == [
        "regulation_and_aml",
        "market_regimes",
        "products_not_yet_launched",
        "credit_profiles",
        "textbook",
    ]
    for grid in SHIPPED:
        sizes = [len(values) for values in grid.axes.values()]
        assert all(5 <= size <= 14 for size in sizes)
        assert all(math.gcd(*two) == 1 for two in itertools.combinations(sizes, 2)), f"{grid.name}: {sizes}"


def test_the_package_ships_its_data():
    """Every file of the package that is no code fits a pattern of package-data."""
    package = ROOT / "src/finsmith"
    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["package-data"]
    shipped = {path for pattern in patterns["finsmith"] for path in package.glob(pattern)}
    data = {path for path in package.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")}
    assert {GRIDS / "scenarios.ko.yaml", package / "generation/seeds/seed_tasks.jsonl"} <= data
    assert data - shipped == set()
