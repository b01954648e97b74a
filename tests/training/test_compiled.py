"""Compiled layers: the same training, and clear words where nothing can compile."""

import pytest
from safetensors.torch import load_file

from finsmith.core.errors import ParamsError
from finsmith.training import compiled
from finsmith.training.compiled import compile_layers

from .test_lora import train


# torch's tracer asks each tensor for its gradient
@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor that is not a leaf:UserWarning")
@pytest.mark.parametrize("how", [{}, {"packing": True}, {"activation_checkpointing": True}])
def test_compiled_layers_change_no_loss(base, tmp_path, how):
    """Losses agree to four digits, the adapter's weights have the same names, and it is nearly the same one."""
    plain = train(base, tmp_path / "plain", epochs=1, **how)
    quick = train(base, tmp_path / "quick", epochs=1, compile=True, **how)
    assert [loss for _, loss in quick.losses] == pytest.approx([loss for _, loss in plain.losses], rel=1e-4)
    one, other = (load_file(tmp_path / name / "adapter/adapter_model.safetensors") for name in ("plain", "quick"))
    assert one.keys() == other.keys()
    assert all((one[name] - other[name]).abs().max() < 1e-2 for name in one)


@pytest.fixture
def no_gpu(monkeypatch):
    monkeypatch.setattr(compiled.torch.cuda, "is_available", lambda: False)


@pytest.mark.usefixtures("no_gpu")
def test_without_a_compiler_it_is_refused(monkeypatch):
    """The parameter and what to install are named."""
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ParamsError, match=r"train\.compile: needs a C\+\+ compiler \(g\+\+ or clang\+\+\)"):
        compile_layers(None)


@pytest.mark.usefixtures("no_gpu")
def test_without_headers_it_is_refused(monkeypatch, tmp_path):
    """The file that is missing is named."""
    monkeypatch.setattr(compiled.shutil, "which", lambda name: name)
    monkeypatch.setattr(compiled.sysconfig, "get_path", lambda name: str(tmp_path))
    with pytest.raises(ParamsError, match=r"Python\.h is missing"):
        compile_layers(None)
