"""A custom CNN with attention, which the seed projects planned: CBAM (Woo et al. 2018, arXiv 1807.06521)."""

from __future__ import annotations

from typing import Any

import keras

from training.settings.config import TrainConfig
from training.zoo.parts import dense_head, grey_input, logits, unit_scaled
from training.zoo.plain import custom_trunk

REDUCTION = 16
"""Of the channels in the shared dense layers, as in the paper."""
SPATIAL_PX = 7
"""Side of the spatial gate's convolution, the paper's best."""


def build_cnn_attention(config: TrainConfig) -> Any:
    """``custom-cnn`` with a CBAM block before each pool."""
    image = grey_input()
    x = custom_trunk(unit_scaled(image), config, after_stage=cbam)
    x = dense_head(keras.layers.Flatten()(x), config)
    return keras.Model(image, logits(x, config), name="cnn-attention")


def cbam(x: Any) -> Any:
    """``x`` [N, H, W, C] times a gate per channel, then times a gate per place; both in 0..1."""
    return _gated_places(_gated_channels(x))


def _gated_channels(x: Any) -> Any:
    channels = x.shape[-1]
    average = keras.layers.GlobalAveragePooling2D(keepdims=True)(x)
    largest = keras.layers.GlobalMaxPooling2D(keepdims=True)(x)
    both = keras.layers.Concatenate(axis=1)([average, largest])  # [N, 2, 1, C]: one call of the shared layers
    both = keras.layers.Dense(max(1, channels // REDUCTION), activation="relu")(both)
    both = keras.layers.Dense(channels)(both)
    gate = keras.layers.Activation("sigmoid")(keras.ops.sum(both, axis=1, keepdims=True))
    return keras.layers.Multiply()([x, gate])


def _gated_places(x: Any) -> Any:
    average = keras.ops.mean(x, axis=-1, keepdims=True)
    largest = keras.ops.max(x, axis=-1, keepdims=True)
    both = keras.layers.Concatenate()([average, largest])
    gate = keras.layers.Conv2D(1, SPATIAL_PX, padding="same", activation="sigmoid")(both)
    return keras.layers.Multiply()([x, gate])
