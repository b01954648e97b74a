"""The curve: known ones are found again, intervals hold what they should, and what the data do not say is not said."""

from statistics import NormalDist

import numpy as np
import pytest
from scipy.optimize import curve_fit
from statsmodels.api import WLS, add_constant

from finsmith.scaling import curve
from finsmith.scaling.curve import Measured, PowerLaw, Samples, fit_line, fit_power_law, flattens_at, interval, study

SIZES = np.array([15.0, 31.0, 62.0, 125.0, 250.0])


def accuracy(n, ceiling, exponent, onset, base):
    return ceiling - (ceiling - base) * (1 + n / onset) ** -exponent


def simulated(chance, true, base, questions=400, seeds=3, seed_noise=0.01, sizes=SIZES):
    """Answers of trainings that agree on which questions are hard; their true accuracy is `true(n)` and seed noise."""
    hard = chance.normal(size=questions)

    def answers(share):
        level = (hard + chance.normal(size=questions)) / 2**0.5
        return (level < NormalDist().inv_cdf(min(max(share, 0.001), 0.999))).astype(float)

    right = [np.array([answers(true(n) + chance.normal() * seed_noise) for _ in range(seeds)]) for n in sizes]
    return Measured(sizes, right, answers(base))


def exact(*curves):
    """Samples that lie on curves, each (ceiling, exponent, onset, base)."""
    return Samples(np.array([accuracy(SIZES, *one) for one in curves]), np.array([one[3] for one in curves]))


@pytest.mark.parametrize(
    ("ceiling", "exponent", "onset", "base"),
    [(0.6, 0.5, 50, 0.25), (0.45, 1.0, 100, 0.22), (0.8, 0.3, 20, 0.25), (0.95, 1.5, 80, 0.3)],
)
def test_a_curve_without_noise_is_found_again(ceiling, exponent, onset, base):
    """Accuracies to a fifth of a point where data are, to one where none are; the parameters as the grid steps."""
    law = fit_power_law(SIZES, exact((ceiling, exponent, onset, base)), np.ones(5))
    asked = np.array([8.0, 100.0, 250.0, 1250.0])
    found = law.accuracy(asked)[0]
    assert found[1:3] == pytest.approx(accuracy(asked, ceiling, exponent, onset, base)[1:3], abs=0.002)
    assert found == pytest.approx(accuracy(asked, ceiling, exponent, onset, base), abs=0.01)
    assert law.ceiling[0] == pytest.approx(ceiling, abs=0.05)
    assert law.exponent[0] == pytest.approx(exponent, rel=0.15)
    assert law.onset_rows[0] == pytest.approx(onset, rel=0.2)


def test_the_fit_is_scipys_or_better():
    """On noisy accuracies with unequal weights the sum of squares is not above scipy's best of three starts."""
    chance = np.random.default_rng(4)
    weights = np.array([1.0, 4.0, 2.0, 8.0, 3.0]) * 1e3
    for _ in range(5):
        noisy = accuracy(SIZES, 0.6, 0.5, 50, 0.25) + chance.normal(size=5) * 0.01
        law = fit_power_law(SIZES, Samples(noisy[None], np.array([0.25])), weights)
        ours = (weights * (law.accuracy(SIZES)[0] - noisy) ** 2).sum()
        theirs = []
        for start in ((0.5, 0.3, 10), (0.9, 0.1, 60), (0.5, 1.5, 300)):
            parameters, _ = curve_fit(
                lambda n, c, b, o: accuracy(n, c, b, o, 0.25),
                SIZES,
                noisy,
                start,
                sigma=weights**-0.5,
                bounds=([0.25, 0.02, 0.7], [1, 2, 6000]),
                max_nfev=20000,
            )
            theirs.append((weights * (accuracy(SIZES, *parameters, 0.25) - noisy) ** 2).sum())
        assert ours <= min(theirs) + 0.02


def test_each_sample_has_its_own_curve():
    """Two curves fitted at once are the two fitted alone."""
    one, other = (0.6, 0.5, 50, 0.25), (0.45, 1.0, 100, 0.22)
    both = fit_power_law(SIZES, exact(one, other), np.ones(5))
    for at, alone in enumerate((one, other)):
        law = fit_power_law(SIZES, exact(alone), np.ones(5))
        assert (both.ceiling[at], both.exponent[at]) == (law.ceiling[0], law.exponent[0])


def test_falling_accuracies_give_a_flat_curve_and_rising_ones_at_most_all_right():
    """The ceiling stays between the base and 1."""
    falling = Samples(np.array([[0.3, 0.25, 0.2, 0.15, 0.1]]), np.array([0.3]))
    rising = Samples(np.array([[0.3, 0.5, 0.7, 0.9, 1.0]]), np.array([0.25]))
    assert fit_power_law(SIZES, falling, np.ones(5)).ceiling[0] == 0.3
    assert fit_power_law(SIZES, rising, np.ones(5)).ceiling[0] <= 1


def test_the_line_is_statsmodels():
    """Slope and height of the weighted line over log2 of the rows."""
    weights, values = np.array([1.0, 2.0, 3.0, 4.0, 5.0]), np.array([0.2, 0.25, 0.22, 0.35, 0.33])
    slope, height = fit_line(SIZES, Samples(values[None], np.array([0.2])), weights)
    wanted = WLS(values, add_constant(np.log2(SIZES)), weights=weights).fit().params
    assert (height[0], slope[0]) == pytest.approx(wanted)


def law_of(ceiling, exponent, onset, base):
    return PowerLaw(*(np.array([value]) for value in (base, ceiling, exponent, onset)))


def test_where_it_flattens_is_after_the_rise():
    """By hand: with exponent 1, onset 100 and height 0.4 a doubling of n buys 40 n / ((100 + n)(100 + 2n)).

    That is 0.01 at the roots of 2n² - 3700n + 10000, 2.7 and 1847.3; flat before the rise is not meant.
    """
    law = law_of(0.65, 1.0, 100, 0.25)
    assert flattens_at(law, 1, 250, 0.01)[0] == pytest.approx(1847.3, rel=0.03)
    assert flattens_at(law, 1, 20, 0.01)[0] == np.inf  # 64 times 20 rows are 1,280
    assert flattens_at(law, 1900, 2000, 0.01)[0] == 1900
    assert flattens_at(law, 1, 250, 0.5)[0] == 1


def test_an_interval_is_of_the_samples_around_the_measurement():
    """The measurement comes first; of 200 others 2.5 % lie below and above; infinite is none."""
    told = interval(np.array([7.0, *range(1, 201)]))
    assert (told["value"], told["low"], told["high"]) == (7, 5, 195)
    assert interval(np.array([7.0, *range(190), *[np.inf] * 10]))["high"] is None


def test_one_seed_varies_by_its_questions():
    """The spread of the samples is the binomial standard error, sqrt(0.3 * 0.7 / 400)."""
    right = np.array([[1.0] * 120 + [0.0] * 280])
    samples = curve.resample(Measured(SIZES[:1], [right], right[0]), 4000, 1)
    assert samples.accuracy[0, 0] == samples.base[0] == pytest.approx(0.3)
    assert samples.accuracy[1:, 0].std() == pytest.approx((0.3 * 0.7 / 400) ** 0.5, rel=0.05)
    assert np.array_equal(samples.accuracy[:, 0], samples.base)  # the same questions for all


def test_seeds_vary_by_their_standard_error():
    """Three seeds at 0.4, 0.5 and 0.6: 0.1 / sqrt(3), and not the sqrt(2 / 3) of it that plain drawing gives."""
    questions = 2000
    right = np.array(
        [[1.0] * int(share * questions) + [0.0] * int((1 - share) * questions) for share in (0.4, 0.5, 0.6)]
    )
    samples = curve.resample(Measured(SIZES[:1], [right], right[0]), 2000, 1)
    assert samples.accuracy[1:, 0].std() == pytest.approx(0.1 / 3**0.5, rel=0.05)


def test_precision_is_one_over_the_binomial_variance():
    """300 answers, 90 right: 300 / (p (1 - p)) with p = 92 / 304; all right is finite too."""
    measured = Measured(SIZES[:2], [np.array([[1.0] * 30 + [0.0] * 70] * 3), np.ones((3, 100))], np.ones(100))
    share = 92 / 304
    assert curve.precision(measured)[0] == pytest.approx(300 / (share * (1 - share)))
    assert np.isfinite(curve.precision(measured)).all()


@pytest.mark.parametrize(("seeds", "seed_noise"), [(3, 0.01), (1, 0.0)])
def test_intervals_hold_the_truth_as_often_as_they_say(seeds, seed_noise):
    """In 60 simulated studies the 95 % intervals of gain, curve and largest size hold the truth in nine of ten."""
    chance = np.random.default_rng(7)

    def true(n):
        return accuracy(n, 0.6, 0.5, 50, 0.25)

    held, told = np.zeros(3), 0
    for number in range(60):
        measured = simulated(chance, true, 0.25, seeds=seeds, seed_noise=seed_noise)
        found = study(measured, 0.01, 1000, seed=number, samples=200)
        if found["cannot_tell"]:
            continue
        told += 1
        law = found["power_law"]
        gain, size, drawn = law["gain_of_more_rows"], found["sizes"][-1], law["drawn"]
        middle = 30
        held += [
            gain["low"] <= true(1250) - true(250) <= gain["high"],
            size["low"] <= true(250) <= size["high"],
            drawn["low"][middle] <= true(drawn["rows"][middle]) <= drawn["high"][middle],
        ]
    assert told >= 55
    assert (held / told >= 0.9).all(), held / told


def test_flat_data_cannot_tell():
    """Accuracy of 0.35 whatever the rows: in 40 studies at most two are taken for a rise."""
    chance = np.random.default_rng(8)
    found = [study(simulated(chance, lambda n: 0.35, 0.22), 0.01, 1000, samples=200) for _ in range(40)]
    silent = [one for one in found if one["cannot_tell"]]
    assert len(silent) >= 38
    assert all("power_law" not in one and "chance" in one["cannot_tell"] for one in silent)
    assert all(one["line"]["gain_of_doubling"]["low"] <= 0 for one in silent)


def test_falling_data_cannot_tell():
    """More data that do harm are no curve that rises."""
    measured = simulated(np.random.default_rng(9), lambda n: 0.5 - 0.02 * np.log2(n), 0.3)
    assert "cannot be told from chance" in study(measured, 0.01, 1000, samples=200)["cannot_tell"]


def test_few_sizes_cannot_tell():
    """Three sizes fit any three numbers; what was measured is told all the same."""
    measured = simulated(np.random.default_rng(9), lambda n: 0.1 * np.log10(n), 0.1, sizes=SIZES[:3])
    found = study(measured, 0.01, 1000, samples=200)
    assert found["cannot_tell"] == "a curve needs 4 sizes, not 3"
    assert [size["rows"] for size in found["sizes"]] == [15, 31, 62] and "line" not in found


def test_the_better_form_has_the_smaller_aic():
    """Data on a line prefer the line; data that bend at the ceiling prefer the curve."""
    chance = np.random.default_rng(3)
    few = {"questions": 20000, "seed_noise": 0.0}
    line = study(simulated(chance, lambda n: 0.1 + 0.08 * np.log2(n), 0.1, **few), 0.01, 1000, samples=100)
    bent = study(simulated(chance, lambda n: accuracy(n, 0.6, 2, 60, 0.25), 0.25, **few), 0.01, 1000, samples=100)
    assert line["line"]["aic"] < line["power_law"]["aic"]
    assert bent["power_law"]["aic"] < bent["line"]["aic"]


def exactly(rows, shares, questions=10_000):
    """One training a size with these shares of the questions right; the base has none."""
    right = [(np.arange(questions) < round(share * questions)).astype(float)[None] for share in shares]
    return Measured(np.array(rows, dtype=float), right, np.zeros(questions))


def test_the_aic_of_a_perfect_fit_counts_its_numbers():
    """Without a rest twice the numbers fitted is left: 4 for the line, 6 for the curve."""
    line = study(exactly([16, 32, 64, 128, 256], [0.2, 0.3, 0.4, 0.5, 0.6]), 0.01, 1000, samples=50)
    bent = [float(accuracy(n, 0.6, 1, 60, 0.0)) for n in SIZES]
    curved = study(exactly(SIZES, bent), 0.01, 1000, samples=50)
    assert line["line"]["aic"] == pytest.approx(4, abs=1e-6)
    assert line["line"]["drawn"]["rows"] == [16, 1256]
    assert line["line"]["drawn"]["value"] == pytest.approx([0.2, 0.1 * np.log2(1256) - 0.2])
    assert curved["power_law"]["aic"] == pytest.approx(6, abs=0.5)


def test_the_same_data_give_the_same_answer():
    """Chance has a seed."""
    measured = simulated(np.random.default_rng(5), lambda n: accuracy(n, 0.6, 0.5, 50, 0.25), 0.25)
    assert study(measured, 0.01, 1000, samples=100) == study(measured, 0.01, 1000, samples=100)
