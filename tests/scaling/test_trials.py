"""Which trials there are, and running them: by real DVC in a real repository, killed in the middle."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

from finsmith.core.errors import ParamsError
from finsmith.scaling.trials import Trial, trials

from .repository import git, make_repository

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 1500  # a busy machine takes minutes for what a quiet one does in seconds


def test_every_combination_once():
    """Two fractions, two shares and two seeds are eight trials; 1/2 and 0.5 are one."""
    found = trials("1/2, 1,0.5", "0,0.5", "1,2")
    assert len(found) == 8
    assert found[0] == Trial(0.5, 0.0, 1) and found[-1] == Trial(1.0, 0.5, 2)


def test_a_trial_is_named_after_what_it_changes():
    """Fraction, share and seed stand in the name, and the seed is that of the sample and of the training."""
    (trial,) = trials("1/16", "0.5", "3")
    assert trial.name == "scaling-f0.0625-g0.5-s3"
    data = ("mix.domain_fraction=0.0625", "mix.general_share=0.5", "mix.seed=3", "train.seed=3")
    assert trial.settings == (*data, "evaluate.permutations=false", "answers.ask=[]")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("half", "0", "1"), "--fractions half: must be numbers above 0"),
        (("1/0", "0", "1"), "--fractions 1/0: must be numbers"),
        (("0,1", "0", "1"), "--fractions: 0 is out of range"),
        (("9/8", "0", "1"), "--fractions: 9/8 is out of range"),
        (("1", "1", "1"), "--shares: 1 is out of range; must be from 0 to 0.99"),
        (("1", "0", "1,1.5"), "--seeds: 3/2 is out of range; must be whole numbers"),
        (("1", "0", ""), "--seeds : must be numbers"),
    ],
)
def test_values_that_cannot_be_are_refused(arguments, says):
    """The option and the value are named, and what it must be."""
    with pytest.raises(ParamsError) as raised:
        trials(*arguments)
    assert str(raised.value).startswith(says)


def python(root, code, **more):
    """Starts Python in the repository, in a process group of its own."""
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src"), "DVC_NO_ANALYTICS": "1"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([sys.executable, "-c", code], cwd=root, env=environment, start_new_session=True, **pipes)


def ended(process):
    """Exit status, output and errors of a process, waited for."""
    out, err = process.communicate(timeout=PATIENCE_SECONDS)
    return process.returncode, out, err


def run(root, fractions):
    """What `run_trials` returns, from a process of its own."""
    code = f"""import json
from finsmith.scaling.trials import run_trials, trials
print("\\n" + json.dumps(run_trials(trials({fractions!r}, "0.5", "1"), poll_seconds=1, lost_seconds=15)))"""
    return python(root, code)


def wait_for(happened):
    """Waits until it is so."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.2)


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """A repository with three trials queued: one failed, one done, one under way when all processes were killed."""
    folder = tmp_path_factory.mktemp("scaling")
    root, begun = make_repository(folder), folder / "begun.txt"
    (folder / "hold").touch()
    command = run(root, "1/4,1/2,1")
    wait_for(lambda: begun.exists() and "1\n" in begun.read_text())
    worker = int((root / ".dvc/tmp/exps/celery/dvc-exp-worker-1.pid").read_text())
    os.killpg(command.pid, signal.SIGKILL)
    os.killpg(os.getpgid(worker), signal.SIGKILL)
    command.communicate()
    (folder / "hold").unlink()
    assert begun.read_text().split() == ["0.25", "0.5", "1"]
    return root


@pytest.fixture(scope="module")
def resumed(killed):
    """What failed when the same trials were called for again."""
    status, out, err = ended(run(killed, "1/4,1/2,1"))
    assert status == 0, err
    return json.loads(out.splitlines()[-1])


def begun(root):
    return (root.parent / "begun.txt").read_text().split()


def test_a_second_call_does_what_a_kill_has_left(killed, resumed):
    """What was done is not begun again; what was lost and what failed is, once each."""
    assert sorted(begun(killed)) == ["0.25", "0.25", "0.5", "1", "1"]


def test_what_fails_is_told_with_its_reason_and_stops_nothing(killed, resumed):
    """The stage's own sentence is the reason, and both other trials are there."""
    assert resumed == {"scaling-f0.25-g0.5-s1": "a quarter is not enough"}
    names = {ref.rpartition("/")[2] for ref in git(killed, "for-each-ref", "--format=%(refname)", "refs/exps").split()}
    assert {"scaling-f0.5-g0.5-s1", "scaling-f1-g0.5-s1"} <= names
    assert "scaling-f0.25-g0.5-s1" not in names


def test_nothing_is_left_of_the_killed_one(killed, resumed):
    """The workspace it left is gone, and the user's files are as they were."""
    assert list((killed / ".dvc/tmp/exps").glob("tmp*")) == []
    assert git(killed, "status", "--porcelain") == ""


def test_a_call_with_all_done_only_draws(killed, resumed):
    """The command begins no training, and writes points, figures and words from the experiments that are there."""
    before = begun(killed)
    code = "import sys; from finsmith.cli import main; sys.argv[1:] = ARGUMENTS; main()"
    arguments = ["scaling", "--fractions", "1/2,1", "--seeds", "1"]
    status, out, err = ended(python(killed, code.replace("ARGUMENTS", repr(arguments))))
    assert status == 0, err
    assert begun(killed) == before
    assert "trainings: 2, of them done: 2" in out
    # 120 and 240 rows, 60 and 80 of 100 right; 2.4 USD for 240 rows kept; 0.1 hours at 32 / 8 USD
    table = [line.split() for line in out.splitlines() if line.strip().startswith(("0.5", "1 "))]
    assert [(row[0], row[1], row[4], row[-2], row[-1]) for row in table] == [
        ("0.5", "120", "60.0%", "1.40", "1.2000"),
        ("1", "240", "80.0%", "2.80", "2.4000"),
    ]
    assert "Cannot tell where it flattens" in out and "a curve needs 4 sizes" in out
    folder = killed / "reports/scaling"
    points = [json.loads(line) for line in (folder / "points.jsonl").read_text().splitlines()]
    assert [(p["domain_rows"], p["accuracy"], p["right"].count("1")) for p in points] == [
        (120, 0.6, 60),
        (240, 0.8, 80),
    ]
    assert "How much data is enough?" in (folder / "scaling.html").read_text()
    assert "domain rows" in "".join(ElementTree.parse(folder / "scaling.svg").getroot().itertext())
    assert json.loads((folder / "scaling.json").read_text())["shares"][0]["sizes"][1]["rows"] == 240


def test_changes_that_are_not_committed_are_refused(killed, resumed):
    """An experiment would be of another state than its commit: the file is named, and nothing is queued."""
    params = killed / "params.yaml"
    before = params.read_text()
    params.write_text(before + "\n# changed\n")
    status, _, err = ended(run(killed, "1/8"))
    params.write_text(before)
    assert status == 1
    assert "ExperimentError: params.yaml: not as in the last commit" in err
    assert "0.125" not in begun(killed)


def test_without_a_repository_the_way_out_is_told(tmp_path):
    """In a folder that is no repository DVC's sentence comes through, without a traceback of DVC."""
    status, _, err = ended(run(tmp_path, "1"))
    assert status == 1
    assert "ExperimentError" in err and "git init" in err
