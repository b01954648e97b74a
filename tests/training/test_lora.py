"""Training of an adapter: its loss, its record, its files, and what a kill costs."""

import json
import math
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from peft import PeftModel
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer

from finsmith.core.errors import OutputError, SourceError
from finsmith.core.records import Provenance
from finsmith.training.lora import train_adapter
from finsmith.training.params import LoraParams
from finsmith.training.predictor import LikelihoodPredictor
from finsmith.training.training_record import Trained, loss_rows
from finsmith.training.validation_split import split_off

from .conftest import ROWS, example, train_params


def ignore(step, values):
    """Hears of a step and does nothing."""


def files(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


def train(base, folder, rows=ROWS, on_log=ignore, **changes) -> Trained:
    """Trains into `folder`/adapter with checkpoints beside it."""
    return train_adapter(rows, base, folder / "adapter", folder / "checkpoints", train_params(**changes), on_log)


def written_out(row) -> tuple[str, str]:
    """Prompt and answer of a row in the plain format, spelt here."""
    asked = f"{row.instruction}\n\n{row.input}" if row.input else row.instruction
    return f"<bos>### 질문\n{asked}\n\n### 답변\n", f"{row.output}<eos>"


def base_losses(base, rows, adapter=None) -> list[tuple[float, int]]:
    """For each row transformers' own loss over the answer under the base (and adapter), and the answer's tokens."""
    tokenizer = AutoTokenizer.from_pretrained(base)
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32).eval()
    if adapter:
        model = PeftModel.from_pretrained(model, adapter).eval()
    found = []
    for row in rows:
        prompt, answer = (tokenizer(text, add_special_tokens=False).input_ids for text in written_out(row))
        labels = torch.tensor([[-100] * len(prompt) + answer])
        with torch.no_grad():
            found.append((float(model(torch.tensor([prompt + answer]), labels=labels).loss), len(answer)))
    return found


@pytest.fixture(scope="module")
def whole(base, tmp_path_factory):
    """A training of 12 steps that nothing disturbed, in bfloat16 and with dropout, and its folder."""
    folder = tmp_path_factory.mktemp("whole")
    return train(base, folder, **KILLED_PARAMS), folder


KILLED_PARAMS = {
    "lora": LoraParams(r=4, alpha=8, dropout=0.1, target_modules="all-linear"),
    "dtype": "bfloat16",
    "save_every_steps": 3,
}
KILLED = """
import os, signal, sys
from pathlib import Path
from tests.training.conftest import ROWS
from tests.training.test_lora import KILLED_PARAMS, train

def kill_at_8(step, values):
    if step == 8:
        os.kill(os.getpid(), signal.SIGKILL)

train(Path(sys.argv[1]), Path(sys.argv[2]), on_log=kill_at_8, **KILLED_PARAMS)
"""


def test_the_first_loss_is_the_bases_own_over_answers(base, tmp_path):
    """The loss of step 1, all rows in one batch, is the mean over answer tokens that transformers itself gives."""
    trained = train(base, tmp_path, batch_size=16, epochs=1)
    losses = base_losses(base, ROWS)
    expected = sum(loss * tokens for loss, tokens in losses) / sum(tokens for _, tokens in losses)
    assert trained.losses == [(1, pytest.approx(expected, rel=1e-4))]


@pytest.mark.parametrize(("batch_size", "accumulation"), [(8, 2), (4, 4), (1, 16)])
def test_accumulation_gives_the_large_batchs_losses(base, tmp_path, batch_size, accumulation):
    """An update of 16 rows is the same in one batch or in many: each step's loss, whatever the rows' lengths."""
    whole = train(base, tmp_path / "whole", batch_size=16).losses
    parts = train(base, tmp_path / "parts", batch_size=batch_size, gradient_accumulation=accumulation).losses
    assert len(whole) == 3
    assert [step for step, _ in parts] == [step for step, _ in whole]
    assert [loss for _, loss in parts] == pytest.approx([loss for _, loss in whole], rel=1e-4)


def test_a_last_update_of_fewer_batches(base, tmp_path):
    """Where the rows of a pass do not fill its last update, its loss is still the mean over its own answer tokens."""
    whole = train(base, tmp_path / "whole", batch_size=12).losses
    parts = train(base, tmp_path / "parts", batch_size=3, gradient_accumulation=4).losses
    assert len(whole) == 6
    assert [loss for _, loss in parts] == pytest.approx([loss for _, loss in whole], rel=1e-4)


def test_packed_rows_train_as_padded_ones(base, tmp_path):
    """Packed into one row, the batches have the same losses step by step."""
    padded, packed = (train(base, tmp_path / str(packing), packing=packing).losses for packing in (False, True))
    assert len(padded) == 12
    assert [loss for _, loss in packed] == pytest.approx([loss for _, loss in padded], rel=1e-3)


def test_training_lowers_the_loss(base, tmp_path):
    """After 10 passes over 16 rows the loss of a pass is under three quarters of the first pass's."""
    trained = train(base, tmp_path, epochs=10)
    losses = [loss for _, loss in trained.losses]
    assert [step for step, _ in trained.losses] == list(range(1, 41))
    assert sum(losses[-4:]) < 0.75 * sum(losses[:4])


def test_what_is_heard_of_a_step(base, tmp_path):
    """Every logged step is heard with its loss and the learning rate of warm-up and cosine."""
    heard = []
    trained = train(base, tmp_path, on_log=lambda step, values: heard.append((step, values)))
    assert [(step, values["loss"]) for step, values in heard] == trained.losses
    for step, values in heard:  # 12 steps, 2 of warm-up, peak 0.01; the rate is the one the step was made with
        done = step - 1
        rate = done / 2 if done < 2 else (1 + math.cos(math.pi * (done - 2) / 10)) / 2
        assert values["learning_rate"] == pytest.approx(0.01 * rate)
        assert values["grad_norm"] > 0


def test_the_record(base, tmp_path):
    """Rows, steps, tokens, parameters and device are counted; a row that is too long is left out and counted."""
    tokenizer = AutoTokenizer.from_pretrained(base)
    rows = [*ROWS, example("설명하시오.", "물가 " * 300)]
    sizes = [sum(len(tokenizer(text).input_ids) for text in written_out(row)) for row in ROWS]
    record = train(base, tmp_path, rows=rows, epochs=1.5, log_every_steps=100).record
    assert (record.rows, record.left_out, record.steps) == (16, 1, 6)
    assert record.tokens == round(1.5 * sum(sizes))
    # a rank-4 adapter has 4 (in + out) parameters: q, k, v, o, gate, up, down of two layers
    layer = 4 * ((64 + 64) + 2 * (64 + 32) + (64 + 64) + 2 * (64 + 128) + (128 + 64))
    assert record.trainable_parameters == 2 * layer
    assert (record.device, record.devices, record.gpu_hours, record.dtype) == ("cpu", 1, 0.0, "float32")
    assert record.device_hours >= 0 and record.tokens_per_second > 0
    assert math.isfinite(record.final_loss)  # though fewer steps than `log_every_steps`


def test_a_row_as_long_as_allowed_is_trained_on(base, tmp_path):
    """`max_tokens` counts prompt, answer and end token, and is itself allowed."""
    tokenizer = AutoTokenizer.from_pretrained(base)
    sizes = sorted(sum(len(tokenizer(text).input_ids) for text in written_out(row)) for row in ROWS)
    record = train(base, tmp_path, epochs=1, max_tokens=sizes[4]).record
    assert record.rows == sum(size <= sizes[4] for size in sizes)
    assert record.left_out == 16 - record.rows > 0


def test_no_row_that_fits(base, tmp_path):
    """Where every row is too long, the error says how many and how many tokens are allowed."""
    with pytest.raises(SourceError, match=r"none of 16 training rows .*`train.max_tokens` = 16"):
        train(base, tmp_path, max_tokens=16)


def test_modules_by_name(base, tmp_path):
    """A list of modules gives those an adapter and no other."""
    lora = LoraParams(r=4, alpha=8, dropout=0.0, target_modules=("q_proj", "v_proj"))
    record = train(base, tmp_path, epochs=1, lora=lora).record
    assert record.trainable_parameters == 2 * 4 * ((64 + 64) + (64 + 32))
    assert {name.split(".")[-3] for name in load_file(tmp_path / "adapter/adapter_model.safetensors")} == {
        "q_proj",
        "v_proj",
    }


def test_the_adapter_folder(base, whole):
    """It holds weights and config only, in the asked number format, and no path of the machine."""
    _, folder = whole
    found = files(folder / "adapter")
    assert set(found) == {"adapter_config.json", "adapter_model.safetensors"}
    config = json.loads(found["adapter_config.json"])
    assert config["base_model_name_or_path"] == "models/base"
    assert config["target_modules"] == sorted(config["target_modules"])
    for content in found.values():
        assert str(base).encode() not in content and str(folder).encode() not in content
    assert {w.dtype for w in load_file(folder / "adapter/adapter_model.safetensors").values()} == {torch.bfloat16}


def test_the_same_seed_gives_the_same_bytes(base, tmp_path, whole):
    """Trained again, the adapter's files are the same byte for byte; with another seed they are not."""
    train(base, tmp_path / "again", **KILLED_PARAMS)
    assert files(tmp_path / "again/adapter") == files(whole[1] / "adapter")
    train(base, tmp_path / "other", seed=2, **KILLED_PARAMS)
    weights = "adapter_model.safetensors"
    assert files(tmp_path / "other/adapter")[weights] != files(whole[1] / "adapter")[weights]


def test_the_checkpoints_go(whole):
    """When the adapter is written, no checkpoint is left."""
    assert [file.name for file in whole[1].iterdir()] == ["adapter"]


@pytest.fixture(scope="module")
def killed(base, tmp_path_factory) -> Path:
    """The folder of a training that was killed with SIGKILL at step 8, between two checkpoints."""
    folder = tmp_path_factory.mktemp("killed")
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2]), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", KILLED, str(base), str(folder)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert (folder / "checkpoints/checkpoint-6").exists() and not (folder / "adapter").exists()
    return folder


def test_a_killed_training_goes_on_and_ends_the_same(base, killed, tmp_path, whole, capsys):
    """After SIGKILL it resumes from the checkpoint, and curve, steps and adapter are those of an undisturbed run."""
    shutil.copytree(killed, tmp_path, dirs_exist_ok=True)
    heard = []
    trained = train(base, tmp_path, on_log=lambda step, _: heard.append(step), **KILLED_PARAMS)
    assert "resuming from checkpoint-6" in capsys.readouterr().out
    assert heard == list(range(7, 13))
    assert trained.record.steps == 12
    assert trained.losses == whole[0].losses
    assert files(tmp_path / "adapter") == files(whole[1] / "adapter")
    assert [file.name for file in tmp_path.iterdir()] == ["adapter"]


def test_device_time_before_a_kill_is_counted(base, killed, tmp_path):
    """Two hours on the clock when it was killed are in the record's device hours; the clock ran past the checkpoint."""
    shutil.copytree(killed, tmp_path, dirs_exist_ok=True)
    clock = tmp_path / "checkpoints/held.json"
    ((launch, seconds),) = json.loads(clock.read_text()).items()
    assert 0 < seconds < 7200
    clock.write_text(json.dumps({launch: 7200.0}))
    assert 2 <= train(base, tmp_path, **KILLED_PARAMS).record.device_hours < 3


def test_a_checkpoint_torn_by_the_kill_is_not_used(base, killed, tmp_path, whole, capsys):
    """A kill while a checkpoint is written leaves a half one; the one before is taken and the end is the same."""
    shutil.copytree(killed, tmp_path, dirs_exist_ok=True)
    torn = tmp_path / "checkpoints/checkpoint-9"
    torn.mkdir()
    weights = (tmp_path / "checkpoints/checkpoint-6/adapter_model.safetensors").read_bytes()
    (torn / "adapter_model.safetensors").write_bytes(weights[: len(weights) // 2])
    trained = train(base, tmp_path, **KILLED_PARAMS)
    assert "resuming from checkpoint-6" in capsys.readouterr().out
    assert trained.losses == whole[0].losses
    assert files(tmp_path / "adapter") == files(whole[1] / "adapter")


def test_an_adapter_that_cannot_be_written_costs_no_training(base, tmp_path, whole, capsys):
    """Where the adapter has no place, the next run trains no step and writes it."""
    (tmp_path / "adapter/adapter_config.json").mkdir(parents=True)  # a folder where the file should be
    with pytest.raises(OutputError, match="The training is kept"):
        train(base, tmp_path, **KILLED_PARAMS)
    shutil.rmtree(tmp_path / "adapter")
    heard = []
    trained = train(base, tmp_path, on_log=lambda step, _: heard.append(step), **KILLED_PARAMS)
    assert "resuming from checkpoint-12" in capsys.readouterr().out
    assert heard == []
    assert trained.losses == whole[0].losses
    assert files(tmp_path / "adapter") == files(whole[1] / "adapter")


def own_sources(rows=ROWS):
    """The rows, each from a source of its own."""
    return [
        row.model_copy(update={"provenance": Provenance(sources=(f"term-{number}",))})
        for number, row in enumerate(rows)
    ]


def test_validation_rows_are_measured_and_not_trained_on(base, tmp_path):
    """A quarter is set aside; while the adapter has learned nothing, its loss is the base's own over those answers."""
    rows = own_sources()
    validation = {"share": 0.25, "every_steps": 1, "patience": 0}
    trained = train(base, tmp_path, rows=rows, epochs=1, validation=validation, learning_rate=1e-12)
    _, aside = split_off(rows, 0.25, 1)
    losses = base_losses(base, aside)
    expected = sum(loss * tokens for loss, tokens in losses) / sum(tokens for _, tokens in losses)
    assert (trained.record.rows, trained.record.validation_rows, trained.record.left_out) == (12, 4, 0)
    assert [step for step, _ in trained.validation_losses] == [1, 2, 3]
    assert [loss for _, loss in trained.validation_losses] == pytest.approx([expected] * 3, rel=1e-4)
    assert trained.record.validation_loss == trained.validation_losses[-1][1]


def test_a_training_stops_where_validation_rows_no_longer_gain(base, tmp_path):
    """It ends two measurements after the lowest validation loss, and the adapter of the lowest is what is written."""
    validation = {"share": 0.25, "every_steps": 2, "patience": 2}
    how = {"rows": own_sources(), "epochs": 200, "learning_rate": 3e-2, "validation": validation}
    trained = train(base, tmp_path / "stopped", **how)
    steps, losses = zip(*trained.validation_losses, strict=True)
    lowest = losses.index(min(losses))
    assert trained.record.steps == steps[-1] == steps[lowest] + 4 < 600
    assert trained.record.validation_loss == min(losses)
    again = base_losses(base, split_off(own_sources(), 0.25, 1)[1], tmp_path / "stopped/adapter")
    mean = sum(loss * tokens for loss, tokens in again) / sum(tokens for _, tokens in again)
    assert mean == pytest.approx(min(losses), rel=1e-3)


def test_a_killed_training_still_knows_when_to_stop(base, tmp_path):
    """Killed at step 8 and resumed, it stops at the same step with the same validation losses as undisturbed."""
    validation = {"share": 0.25, "every_steps": 2, "patience": 2}
    how = {"rows": own_sources(), "epochs": 200, "learning_rate": 3e-2, "validation": validation}
    whole = train(base, tmp_path / "whole", **how)

    def stop_at_8(step, values):
        if step == 8 and "loss" in values:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(base, tmp_path / "killed", on_log=stop_at_8, **how)
    resumed = train(base, tmp_path / "killed", **how)
    assert resumed.validation_losses == whole.validation_losses
    assert files(tmp_path / "killed/adapter") == files(tmp_path / "whole/adapter")


def test_noise_on_embeddings(base, tmp_path):
    """NEFTune changes the losses of training a little, and not the validation rows' loss of an untrained adapter."""
    validation = {"share": 0.25, "every_steps": 1, "patience": 0}
    how = {"rows": own_sources(), "epochs": 1, "validation": validation, "learning_rate": 1e-12}
    still, noisy = (train(base, tmp_path / str(alpha), neftune_alpha=alpha, **how) for alpha in (0.0, 5.0))
    pairs = list(zip(still.losses, noisy.losses, strict=True))
    assert all(before[1] != after[1] for before, after in pairs)
    assert all(after[1] == pytest.approx(before[1], rel=0.2) for before, after in pairs)
    validation_losses = [[loss for _, loss in one.validation_losses] for one in (noisy, still)]
    assert validation_losses[0] == pytest.approx(validation_losses[1])


def test_activations_computed_twice_change_no_loss(base, tmp_path):
    """With activation checkpointing the losses are the same."""
    plain = train(base, tmp_path / "plain", epochs=1).losses
    twice = train(base, tmp_path / "twice", epochs=1, activation_checkpointing=True).losses
    assert [loss for _, loss in twice] == pytest.approx([loss for _, loss in plain], rel=1e-5)


def test_a_base_in_four_bits(base, tmp_path):
    """NF4 moves the first loss by a few hundredths, training lowers it, and the adapter is one like any other."""
    how = {"dtype": "bfloat16", "epochs": 4}
    whole = train(base, tmp_path / "whole", **how)
    packed = train(base, tmp_path / "nf4", quantization="nf4", **how)
    assert packed.losses[0][1] != whole.losses[0][1]
    assert packed.losses[0][1] == pytest.approx(whole.losses[0][1], rel=0.03)
    assert sum(loss for _, loss in packed.losses[-4:]) < 0.95 * sum(loss for _, loss in packed.losses[:4])
    assert packed.record.quantization == "nf4"
    assert packed.record.trainable_parameters == whole.record.trainable_parameters
    shapes = [
        {
            name: weight.shape
            for name, weight in load_file(tmp_path / name / "adapter/adapter_model.safetensors").items()
        }
        for name in ("whole", "nf4")
    ]
    assert shapes[0] == shapes[1]
    assert len(LikelihoodPredictor(base, tmp_path / "nf4/adapter", "bfloat16").generate(["<bos>"], 3)) == 1


def test_the_rows_of_the_plot():
    """Curves share a step's row where both were taken."""
    record = None
    trained = Trained(record, [(1, 2.0), (2, 1.5)], [(2, 1.7)], [(3, 0.69)])
    assert loss_rows(trained) == [
        {"step": 1, "loss": 2.0},
        {"step": 2, "loss": 1.5, "validation_loss": 1.7},
        {"step": 3, "preference_loss": 0.69},
    ]
