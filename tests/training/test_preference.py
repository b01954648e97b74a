"""Training on pairs of answers: its loss, what it reaches, and that a kill costs nothing of it."""

import math
from functools import partial
from pathlib import Path

import pytest
import torch
from peft import LoraConfig, get_peft_model
from pydantic import ValidationError
from transformers import AutoModelForCausalLM, AutoTokenizer

from finsmith.core.errors import SourceError
from finsmith.core.records import Example, Pair
from finsmith.training.arguments import training_arguments
from finsmith.training.batches import pack, pad
from finsmith.training.chat_format import ChatFormat
from finsmith.training.lora import train_adapter
from finsmith.training.preference import PreferenceTrainer, TokenizedPair
from finsmith.training.training_record import Trained
from finsmith.training.validation_split import split_off

from .conftest import ROWS, example, train_params
from .test_lora import base_losses, files, own_sources

PAIRS = [
    Pair(chosen=row, rejected=example(row.instruction, other.output, row.input), filter="superseded")
    for row, other in zip(ROWS, [*ROWS[1:], ROWS[0]], strict=True)
][:10]
PREFERENCE = {"epochs": 2, "beta": 0.3, "learning_rate": 1e-2}


def train(base: Path, folder: Path, pairs=PAIRS, on_log=None, rows=ROWS, **changes: object) -> Trained:
    """Trains one pass over the rows, then on the pairs, into `folder`/adapter."""
    params = train_params(**{"epochs": 1, "preference": PREFERENCE} | changes)
    return train_adapter(rows, base, folder / "adapter", folder / "checkpoints", params, on_log, pairs=pairs)


def margins(base: Path, pairs, adapter=None) -> list[float]:
    """For each pair the log-likelihood of the chosen answer less the rejected one's, by transformers' own loss."""
    chosen = base_losses(base, [pair.chosen for pair in pairs], adapter)
    rejected = base_losses(base, [pair.rejected for pair in pairs], adapter)
    return [r * m - c * n for (c, n), (r, m) in zip(chosen, rejected, strict=True)]


def losses(trained: Trained) -> list[float]:
    return [loss for _, loss in trained.preference_losses]


@pytest.fixture(scope="module")
def whole(base, tmp_path_factory) -> tuple[Trained, Path]:
    """A training on 16 rows and 10 pairs that nothing disturbed."""
    folder = tmp_path_factory.mktemp("whole")
    return train(base, folder), folder


@pytest.mark.parametrize("collate", [pad, pack])
def test_the_loss_of_a_pair(base, tmp_path, collate):
    """It is -log sigmoid(beta (margin - reference margin)), the margin that of transformers' own log-likelihoods."""
    torch.manual_seed(3)
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    model = get_peft_model(model, LoraConfig(r=2, target_modules="all-linear", init_lora_weights=False))
    model.save_pretrained(tmp_path / "adapter")
    chat = ChatFormat(AutoTokenizer.from_pretrained(base))
    references = [40.0, -25.0, 3.5]
    both = (
        (chat.row(one.instruction, one.input, one.output) for one in (pair.chosen, pair.rejected)) for pair in PAIRS
    )
    pairs = [TokenizedPair(*two, reference) for two, reference in zip(both, references, strict=False)]
    arguments = training_arguments(train_params(), tmp_path / "checkpoints", len(pairs))
    trainer = PreferenceTrainer(model, arguments, pairs, [], partial(collate, pad_id=0), [])
    trainer.beta = 0.2
    with torch.no_grad():
        found = trainer.losses(model.eval(), trainer.collated(pairs)).tolist()
    moved = [m - r for m, r in zip(margins(base, PAIRS[:3], tmp_path / "adapter"), references, strict=True)]
    assert found == pytest.approx([math.log1p(math.exp(-0.2 * by)) for by in moved], rel=1e-3)
    assert len({round(loss, 3) for loss in found}) == 3


def test_at_first_the_loss_is_log_2(whole):
    """The adapter that the rows have left is its own reference; steps go on from those on rows."""
    trained, _ = whole
    assert [step for step, _ in trained.preference_losses] == list(range(5, 11))
    assert losses(trained)[0] == pytest.approx(math.log(2), abs=1e-4)
    assert losses(trained)[-1] < 0.9 * math.log(2)


def test_what_is_reached(base, tmp_path, whole):
    """The record's accuracies are the shares of pairs whose chosen answer is likelier, before and after."""
    trained, folder = whole
    before = train(base, tmp_path, preference=PREFERENCE | {"epochs": 0})
    assert (before.record.preference_pairs, before.record.preference_accuracy) == (0, None)
    shares = [
        sum(margin > 0 for margin in margins(base, PAIRS, one / "adapter")) / len(PAIRS) for one in (tmp_path, folder)
    ]
    record = trained.record
    assert [record.preference_accuracy_before, record.preference_accuracy] == pytest.approx(shares)
    assert shares[1] > shares[0]
    assert (record.preference_pairs, record.preference_steps, record.steps) == (10, 6, 4)


def test_without_passes_pairs_change_nothing(base, tmp_path):
    """With 0 passes the adapter is the same, byte for byte, with pairs and without."""
    for name, pairs in (("with", PAIRS), ("without", [])):
        trained = train(base, tmp_path / name, pairs, preference=PREFERENCE | {"epochs": 0})
        assert trained.preference_losses == []
    assert files(tmp_path / "with/adapter") == files(tmp_path / "without/adapter")


def test_the_same_seed_gives_the_same_bytes(base, tmp_path, whole):
    """Trained again on rows and pairs, the adapter's files are the same."""
    train(base, tmp_path)
    assert files(tmp_path / "adapter") == files(whole[1] / "adapter")


@pytest.mark.parametrize("change", [{"batch_size": 2, "gradient_accumulation": 2}, {"packing": True}])
def test_an_update_is_the_same_however_it_is_cut(base, tmp_path, whole, change):
    """Accumulated or packed, each step on pairs has the same loss; the last update is a short one."""
    trained = train(base, tmp_path, **change)
    assert losses(trained) == pytest.approx(losses(whole[0]), rel=2e-3)


@pytest.mark.parametrize("step", [6, 9])
def test_a_killed_training_goes_on_and_ends_the_same(base, tmp_path, whole, step, capsys):
    """Ended at its second step on pairs or behind a checkpoint among them, it ends with the undisturbed adapter."""

    def stop(at: int, values: dict[str, float]) -> None:
        if at == step and "preference_loss" in values:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(base, tmp_path, on_log=stop)
    heard = []
    trained = train(base, tmp_path, on_log=lambda at, values: heard.append(at))
    said = capsys.readouterr().out
    assert said.count("resuming from checkpoint-4") == (1 if step == 6 else 2)
    assert heard == list(range(5 if step == 6 else 9, 11))
    assert trained.preference_losses == whole[0].preference_losses
    assert trained.losses == whole[0].losses
    assert trained.record.preference_accuracy_before == whole[0].record.preference_accuracy_before
    assert files(tmp_path / "adapter") == files(whole[1] / "adapter")
    assert [file.name for file in tmp_path.iterdir()] == ["adapter"]


def test_pairs_of_validation_rows_are_left_out(base, tmp_path):
    """A row that is set aside to measure by is not trained on as a chosen answer."""
    rows = [Example.model_validate(row.model_dump(exclude={"id"})) for row in own_sources()]
    pairs = [Pair(chosen=row, rejected=pair.rejected, filter="x") for row, pair in zip(rows, PAIRS, strict=False)]
    _, aside = split_off(rows, 0.25, 1)
    kept = [pair for pair in pairs if pair.chosen not in aside]
    assert 0 < len(kept) < len(pairs)
    validation = {"share": 0.25, "every_steps": 4, "patience": 0}
    assert train(base, tmp_path, pairs, rows=rows, validation=validation).record.preference_pairs == len(kept)


def test_too_long_an_answer_leaves_its_pair_out(base, tmp_path):
    """`max_tokens` holds for both answers of a pair."""
    long = example(ROWS[0].instruction, "매우 긴 답변입니다. " * 40, ROWS[0].input)
    pairs = [Pair(chosen=ROWS[0], rejected=long, filter="x"), *PAIRS[1:]]
    assert train(base, tmp_path, pairs).record.preference_pairs == 9


def test_pairs_that_are_not_there(base, tmp_path):
    """Asked to train on pairs where there are none, it says so before it trains on rows."""
    heard = []
    with pytest.raises(SourceError, match=r"`train.preference.epochs` asks .* of 0 none can be used"):
        train(base, tmp_path, [], on_log=lambda *said: heard.append(said))
    assert heard == []


def test_a_sharded_model_is_refused():
    """FSDP and pairs together are refused where parameters are read."""
    with pytest.raises(ValidationError, match=r"needs devices.strategy ddp"):
        train_params(preference=PREFERENCE, devices=train_params().devices.model_copy(update={"strategy": "fsdp"}))
