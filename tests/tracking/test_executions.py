"""One run for each execution of the pipeline, with children, however often its stages are killed or made again."""

import json
import subprocess
import sys
from pathlib import Path

import mlflow
import pytest
import yaml

from finsmith.core.errors import BudgetExceeded
from finsmith.core.records import Reply, Request, StoredCall
from finsmith.tracking.executions import finish_execution, stage_run, start_stage
from finsmith.tracking.runs import Run, send_waiting_runs
from finsmith.tracking.sending import tracking_uri

from .conftest import free_port
from .test_runs import artifacts, client, curve, found
from .test_versions import git

KILLED = """
import os, signal
from pathlib import Path
from finsmith.tracking.executions import start_stage
run = start_stage("train", "fingerprint-a", [Path("data/mixed")])
for step in (1, 2, 3):
    run.log(step, {"loss": 10.0 / step})
print(run.id, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
SCORES = {
    "base": {"accuracy": 0.25, "low": 0.2, "high": 0.3},
    "adapter": {"accuracy": 0.5, "low": 0.4, "high": 0.6},
    "mcnemar_p": 0.01,
}
SUMMARY = {
    "evaluation": {
        "headline": "choice_text",
        "n": 8,
        **SCORES,
        "general": SCORES,
        "forgetting": {"points": 5.0},
        "by_evaluator": {"choice_text": SCORES},
    },
    "costs": {"openai_usd_total": 1.5, "openai_usd_saved": 0.5, "gain_points": 25.0, "usd_per_point": 0.06},
    "training": {"tokens_per_second": 100.5, "final_loss": 2.0},
    "mixture": {"rows": 560},
    "testset": {"questions": 8, "version": 2, "digest": "3049cbc0"},
    "funnel": {"kept": 280, "rejected": 20},
    "recipes": {"summary": {"kept": 4, "rows": 5}},
    "review": {
        "accepted": 3,
        "edited": 1,
        "rejected": 2,
        "waiting": 10,
        "conflicts": 1,
        "decisions": 9,
        "reviewer_hours": 0.25,
        "agreement": {
            "rows": 2,
            "alike": 0.5,
            "krippendorffs_alpha": {"rows": 2, "value": 0.25, "low": -0.5, "high": 1.0},
            "cohens_kappa": {"kim, 이심사": {"rows": 2, "value": 0.0, "low": None, "high": None}},
        },
        "yield": {
            "decided": 6,
            "wrong": 3,
            "by_chance": None,
            "doubtful": {"rows": 8, "decided": 6, "wrong": 3, "share": 0.5, "low": 0.2, "high": 0.8},
            "others": {"rows": 8, "decided": 0, "wrong": 0, "share": None, "low": None, "high": None},
        },
    },
}
METRICS = {
    "accuracy": 0.5,
    "accuracy_low": 0.4,
    "accuracy_high": 0.6,
    "base_accuracy": 0.25,
    "base_accuracy_low": 0.2,
    "base_accuracy_high": 0.3,
    "mcnemar_p": 0.01,
    "gain_points": 25.0,
    "forgetting_points": 5.0,
    "questions": 8.0,
    "tokens_per_second": 100.5,
    "final_loss": 2.0,
    "training_rows": 560.0,
    "rows_kept": 280.0,
    "rows_rejected": 20.0,
    "rows_kept/summary": 4.0,
    "rows_made/summary": 5.0,
    "openai_usd_total": 1.5,
    "openai_usd_saved": 0.5,
    "usd_per_point": 0.06,
    "review/accepted": 3.0,
    "review/edited": 1.0,
    "review/rejected": 2.0,
    "review/decided": 6.0,
    "review/waiting": 10.0,
    "review/conflicts": 1.0,
    "review/decisions": 9.0,
    "review/reviewer_hours": 0.25,
    "review/alike": 0.5,
    "review/alpha": 0.25,
    "review/alpha_low": -0.5,
    "review/alpha_high": 1.0,
    "review/kappa/kim_ 이심사": 0.0,
    "review/wrong_doubtful": 0.5,
    "review/wrong_doubtful_low": 0.2,
    "review/wrong_doubtful_high": 0.8,
}
MD5 = {"data/corpus": "1" * 32 + ".dir", "data/mixed": "2" * 32 + ".dir", "data/testset": "3" * 32 + ".dir"}
INPUT = {"generate": "data/corpus", "train": "data/mixed", "evaluate": "data/testset"}


def lock(*stages: str, seed: int = 0) -> None:
    """A dvc.lock after these stages have run; by `seed` their outputs differ."""
    upstream = {"ingest": "data/corpus", "mix": "data/mixed", "testset": "data/testset"}
    entries = {name: {"outs": [{"path": path, "md5": MD5[path]}]} for name, path in upstream.items()}
    for name in stages:
        path = INPUT[name]
        out = {"path": f"out/{name}", "md5": f"{seed:032x}.dir"}
        entries[name] = {"deps": [{"path": path, "md5": MD5[path]}], "outs": [out]}
    Path("dvc.lock").write_text(yaml.safe_dump({"stages": entries}))


@pytest.fixture(autouse=True)
def workspace(repository):
    """A repository in which the stages before have run, with its first commit."""
    (repository / "params.yaml").write_text("train: {epochs: 2, note: first try}\ngenerate: {teachers: {}, seed: 1}\n")
    for path, rows in (("data/corpus", 3), ("data/mixed", 5), ("data/testset", 2)):
        (repository / path).mkdir(parents=True)
        (repository / path / "rows.jsonl").write_text('{"id": 1}\n' * rows)
    lock()
    git("init", "--quiet")
    git("add", "params.yaml", "dvc.yaml", "dvc.lock")
    git("commit", "--quiet", "-m", "first")
    return repository


def run_stage(stage: str, fingerprint: str = "a", used: str = "") -> Run:
    """Does what a stage does, and notes it in dvc.lock as DVC then does."""
    with stage_run(stage, fingerprint, [Path(INPUT[stage])], used) as run:
        run.finish({"calls_new": 3})
    return run


def execute(*stages: str, **how) -> list[Run]:
    """The runs of these stages, and after them `report`."""
    done = []
    for stage in stages:
        done.append(run_stage(stage, used="train" if stage == "evaluate" else ""))
        lock("generate", "train", "evaluate") if stage == "evaluate" else lock(*stages[: stages.index(stage) + 1])
    assert finish_execution(SUMMARY, how.get("artifacts", []), how.get("trained", ""), how.get("calls", ()))
    return done


def parents() -> list:
    return [run for run in found() if run.data.tags.get("stage") == "pipeline"]


def children(parent) -> dict[str, list]:
    """The children by stage, as MLflow finds them by their parent."""
    experiment, query = parent.info.experiment_id, f"tags.`mlflow.parentRunId` = '{parent.info.run_id}'"
    by_stage: dict[str, list] = {}
    for run in client().search_runs([experiment], query):
        by_stage.setdefault(run.data.tags["stage"], []).append(run)
    return by_stage


def test_an_execution_is_a_run_with_a_child_for_each_stage(workspace, tmp_path, monkeypatch):
    """Its parameters are flat and complete; tags tell commit, dvc.lock, experiment, note and the data's hashes."""
    monkeypatch.setenv("DVC_EXP_NAME", "lofty-goat")
    (tmp_path / "report.html").write_text("<p>보고서</p>")
    execute("generate", "train", "evaluate", artifacts=[("reports", tmp_path / "report.html")])
    (parent,) = parents()
    assert (parent.info.run_name, parent.info.status) == ("lofty-goat", "FINISHED")
    assert parent.data.params == {
        "train.epochs": "2",
        "train.note": "first try",
        "generate.teachers": "{}",
        "generate.seed": "1",
    }
    assert {name: len(of) for name, of in children(parent).items()} == {"generate": 1, "train": 1, "evaluate": 1}
    assert {of[0].info.status for of in children(parent).values()} == {"FINISHED"}
    tags = parent.data.tags
    assert (tags["git_commit"], tags["git_dirty"]) == (git("rev-parse", "HEAD"), "false")
    assert (tags["note"], tags["mlflow.note.content"], tags["dvc_exp_name"]) == ("first try", "first try", "lofty-goat")
    sha256 = subprocess.run(["sha256sum", "dvc.lock"], capture_output=True, text=True, check=True).stdout.split()[0]
    assert tags["dvc_lock_sha256"] == sha256
    assert tags["dvc.data/mixed"] == MD5["data/mixed"]
    assert parent.data.metrics == {**METRICS, **{f"general_{n}": METRICS[n] for n in METRICS if "accuracy" in n}} | {
        f"choice_text/{n}": METRICS[n] for n in METRICS if "accuracy" in n or n == "mcnemar_p"
    }
    assert artifacts(parent, "reports") == {"reports/report.html": "<p>보고서</p>".encode()}
    assert artifacts(parent, "versions")["versions/dvc.lock"] == Path("dvc.lock").read_bytes()


def test_data_sets_are_inputs_with_hashes_and_rows():
    """Each child has what it read, the parent all of it: path, DVC's hash, rows; MLflow can tell their source."""
    execute("generate", "train", "evaluate")
    (parent,) = parents()

    def told(run):
        return {
            (one.dataset.name, one.dataset.digest, json.loads(one.dataset.profile)["rows"], one.tags[0].value)
            for one in run.inputs.dataset_inputs
        }

    generate = ("data/corpus", MD5["data/corpus"], 3, "generate")
    train, evaluate = (
        ("data/mixed", MD5["data/mixed"], 5, "train"),
        ("data/testset", MD5["data/testset"], 2, "evaluate"),
    )
    of_stages = children(parent)
    assert told(of_stages["train"][0]) == {train}
    assert told(of_stages["evaluate"][0]) == {evaluate}
    assert told(parent) == {generate, train, evaluate}
    source = mlflow.data.get_source(of_stages["train"][0].inputs.dataset_inputs[0].dataset)
    assert source.uri == "data/mixed"


def test_a_killed_trainings_run_is_continued():
    """After a kill -9 parent and child go on, each once in MLflow; a step that is passed again stands there once."""
    killed = subprocess.run([sys.executable, "-c", KILLED], capture_output=True, text=True, check=False)
    assert killed.returncode == -9, killed.stderr
    again = start_stage("train", "fingerprint-a", [Path("data/mixed")])
    assert again.id == killed.stdout.strip()
    for step in (2, 3, 4):
        again.log(step, {"loss": 10.0 / step})
    again.finish({})
    assert finish_execution(SUMMARY, [], again.id)
    (parent,) = parents()
    ((run,),) = children(parent).values()
    assert curve(run, "loss") == [(1, 10.0), (2, 5.0), (3, 10 / 3), (4, 2.5)]
    assert len(found()) == 2


def test_a_training_that_is_killed_goes_on_under_a_new_commit():
    """The checkpoint outlives a change of code, and so does the run: it moves to the new execution."""
    first = start_stage("train", "a", [])
    first.log(1, {"loss": 3.0})
    Path("dvc.yaml").write_text("stages: {}\n# changed\n")
    git("commit", "--quiet", "-am", "second")
    again = start_stage("train", "a", [])
    assert again.id == first.id
    again.finish({})
    assert finish_execution(SUMMARY, [], again.id)
    old, new = sorted(parents(), key=lambda run: run.info.start_time)
    assert (old.info.status, new.info.status) == ("KILLED", "FINISHED")
    assert children(old) == {} and len(children(new)["train"]) == 1


def test_other_parameters_are_another_execution():
    """What was open with the old ones ends as killed, its child too, once the stage begins with another fingerprint."""
    start_stage("train", "a", [])
    Path("params.yaml").write_text("train: {epochs: 3}\n")
    run_stage("train", "b")
    assert finish_execution(SUMMARY, [], "")
    assert sorted((run.data.tags["stage"], run.info.status) for run in found()) == [
        ("pipeline", "FINISHED"),
        ("pipeline", "KILLED"),
        ("train", "FINISHED"),
        ("train", "KILLED"),
    ]


def test_a_stage_that_fails_says_why_and_goes_on_in_the_same_run():
    """The error is a tag of a failed run; run again with the same inputs it is the same run, finished, without it."""
    with pytest.raises(BudgetExceeded), stage_run("generate", "a", []):
        raise BudgetExceeded("the next call could cost 1 USD")
    (failed,) = [run for run in found() if run.data.tags.get("stage") == "generate"]
    assert (failed.info.status, failed.data.tags["error"]) == (
        "FAILED",
        "BudgetExceeded: the next call could cost 1 USD",
    )
    run_stage("generate")
    (mended,) = [run for run in found() if run.data.tags.get("stage") == "generate"]
    assert (mended.info.status, mended.data.tags["error"]) == ("FINISHED", "")


def test_a_stage_that_dvc_skips_is_named_by_the_run_that_made_its_outputs():
    """An execution in which only the report ran has no children, and tags that lead to those of the earlier one."""
    runs = {run.record["stage"]: run.id for run in execute("generate", "train", "evaluate")}
    Path("params.yaml").write_text("train: {epochs: 2}\nreport: {price: 2}\n")
    assert finish_execution(SUMMARY, [], runs["train"])
    first, second = sorted(parents(), key=lambda run: run.info.start_time)
    assert children(second) == {} and len(children(first)) == 3
    assert {stage: second.data.tags[f"{stage}.run"] for stage in INPUT} == runs
    assert client().search_runs([second.info.experiment_id], f"tags.`finsmith.run` = '{runs['generate']}'")


def test_a_report_made_again_on_the_same_versions_is_the_same_run():
    """A report that is killed before DVC notes it, or forced, doubles no execution."""
    execute("generate", "train", "evaluate")
    assert finish_execution(SUMMARY, [], "")
    assert len(parents()) == 1
    lock("generate", "train", "evaluate", seed=1)
    assert finish_execution(SUMMARY, [], "")
    assert len(parents()) == 2


def test_a_training_of_another_machine_is_named():
    """A pulled training has no child here; the tag has the id that its own machine gave it."""
    assert finish_execution(SUMMARY, [], "0123abcd")
    (parent,) = parents()
    assert parent.data.tags["train.run"] == "0123abcd"
    assert len(found()) == 1


def test_experiments_in_temporary_workspaces_have_executions_of_their_own(repository, monkeypatch):
    """Two queued experiments do not share a parent; one that is queued again under its name goes on with its own."""
    for name, folder in (("a", "t1"), ("b", "t2"), ("a", "t3")):
        place = repository / ".dvc/tmp/exps" / folder
        place.mkdir(parents=True)
        for file in ("params.yaml", "dvc.yaml"):
            (place / file).write_bytes((repository / file).read_bytes())
        monkeypatch.chdir(place)
        monkeypatch.setenv("DVC_EXP_NAME", name)
        start_stage("train", "same", [])
    monkeypatch.chdir(repository)
    assert sorted(run.info.run_name for run in parents()) == ["a", "b"]
    assert len(found()) == 4


def test_a_server_that_is_down_for_the_whole_execution_gets_all_of_it_once(monkeypatch, server):
    """Parent and children wait on the disk; the first sync sends all four, nested, the second none."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{free_port()}")
    for stage in INPUT:
        run_stage(stage)
    assert finish_execution(SUMMARY, [], "") is False
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server.uri)
    assert send_waiting_runs() == 4
    mine = [run for run in parents() if run.data.tags.get("git_commit") == git("rev-parse", "HEAD")]
    assert len(mine) == 1 and len(children(mine[0])) == 3
    before = len(found())
    assert (send_waiting_runs(), len(found())) == (0, before)


def test_a_run_whose_id_was_lost_is_found_again(repository):
    """A kill between the making of a run in MLflow and the note of its id doubles nothing."""
    run = start_stage("train", "a", [])
    path = repository / ".finsmith/runs" / run.id / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"mlflow_id": "", "sent": False}))
    assert send_waiting_runs() == 1
    assert len(found()) == 2


def test_calls_become_traces_of_the_run_that_generated():
    """Each has its messages, its answer, tokens, USD and seconds; sent twice it stands there once."""
    request = Request(
        recipe="summary",
        sources=("p1",),
        prompt_sha256="",
        model="gpt-4o-mini",
        messages=(("system", "요약하십시오."), ("user", "기준금리는 3.50%이다.")),
        temperature=0.3,
        max_tokens=100,
        seed=1,
    )
    reply = Reply(
        key=request.key,
        model="gpt-4o-mini-2024-07-18",
        text="기준금리 3.50%",
        finish_reason="stop",
        prompt_tokens=40,
        completion_tokens=9,
        cost_usd=0.002,
        reference_cost_usd=0.002,
    )
    calls = [StoredCall(request=request, reply=reply, seconds=1.5, at=1_790_000_000.0)]
    (generate,) = execute("generate", calls=calls)
    generate.trace(calls)
    (run,) = [run for run in found() if run.data.tags.get("stage") == "generate"]
    (trace,) = client().search_traces(locations=[run.info.experiment_id], run_id=run.info.run_id)
    (span,) = trace.data.spans
    assert span.inputs["messages"][1] == {"role": "user", "content": "기준금리는 3.50%이다."}
    assert span.outputs["choices"][0]["message"]["content"] == "기준금리 3.50%"
    assert trace.info.token_usage == {"input_tokens": 40, "output_tokens": 9, "total_tokens": 49}
    assert (trace.info.execution_duration, trace.info.request_time) == (1500, 1_789_999_998_500)
    assert span.attributes["finsmith.usd"] == 0.002
    assert trace.info.cost["total_cost"] == 0.002


def test_a_run_folder_without_a_record_is_passed_over(repository):
    """A kill between the making of a run's folder and of its record stops no later training."""
    (repository / ".finsmith/runs/0000").mkdir(parents=True)
    assert start_stage("train", "a", []).id != "0000"
    assert send_waiting_runs() == 0


def test_the_environment_is_left_alone():
    """Nothing here sets a tracking address for what comes after."""
    run_stage("generate")
    assert tracking_uri().startswith("sqlite:")
