"""The sections `base` and `train`."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from finsmith.core.params import Params, Section

DtypeName = Literal["bfloat16", "float32", "float16"]


class BaseParams(Section):
    """Which base model: the embedded one by name, a folder in the Hugging Face layout, or a hub id."""

    section: ClassVar[str] = "base"
    model: str
    dtype: DtypeName


class LoraParams(Params):
    """The adapter's shape."""

    r: Annotated[int, Field(ge=1)]
    alpha: Annotated[int, Field(ge=1)]
    dropout: Annotated[float, Field(ge=0, lt=1)]
    target_modules: str | tuple[str, ...]


class ValidationParams(Params):
    """Rows set aside to measure by, and when to stop."""

    share: Annotated[float, Field(ge=0, lt=1)]
    every_steps: Annotated[int, Field(ge=1)]
    patience: Annotated[int, Field(ge=0)]


class DevicesParams(Params):
    """How many processes train, where, and how they share the model."""

    processes: Annotated[int, Field(ge=0)]
    machines: Annotated[int, Field(ge=1)]
    rendezvous: str
    strategy: Literal["ddp", "fsdp"]
    restarts: Annotated[int, Field(ge=0)]


class PreferenceParams(Params):
    """Training on pairs of answers after that on rows."""

    epochs: Annotated[float, Field(ge=0)]
    beta: Annotated[float, Field(gt=0)]
    learning_rate: Annotated[float, Field(gt=0)]


class TrainParams(Section):
    """How the adapter is trained."""

    section: ClassVar[str] = "train"
    lora: LoraParams
    quantization: Literal["none", "nf4"]
    attention: str
    packing: bool
    neftune_alpha: Annotated[float, Field(ge=0)]
    activation_checkpointing: bool
    compile: bool
    validation: ValidationParams
    preference: PreferenceParams
    devices: DevicesParams
    learning_rate: Annotated[float, Field(gt=0)]
    epochs: Annotated[float, Field(gt=0)]
    batch_size: Annotated[int, Field(ge=1)]
    gradient_accumulation: Annotated[int, Field(ge=1)]
    warmup_steps: Annotated[int, Field(ge=0)]
    weight_decay: Annotated[float, Field(ge=0)]
    max_grad_norm: Annotated[float, Field(gt=0)]
    max_tokens: Annotated[int, Field(ge=16)]
    dtype: DtypeName
    seed: int
    log_every_steps: Annotated[int, Field(ge=1)]
    save_every_steps: Annotated[int, Field(ge=1)]
    note: str

    @model_validator(mode="after")
    def _check_preference(self) -> Self:
        if self.preference.epochs and self.devices.strategy == "fsdp":
            raise ValueError("preference.epochs above 0 needs devices.strategy ddp: a sharded model is not taken on")
        return self
