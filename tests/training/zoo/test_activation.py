"""What a class-activation map is: the places whose features speak for a class."""

from __future__ import annotations

import keras
import numpy as np

from training.zoo.activation import activation_maps


def test_a_map_lies_where_the_feature_lies_that_speaks_for_the_class() -> None:
    """Of a net that says "class 1" of bright pictures."""
    grey = keras.Input((8, 8, 1))
    pooled = keras.layers.GlobalAveragePooling2D()(keras.layers.AveragePooling2D(2)(grey))
    dense = keras.layers.Dense(2, name="emotions")
    net = keras.Model(grey, dense(pooled))
    dense.set_weights([np.array([[-1.0, 1.0]]), np.zeros(2)])
    face = np.zeros((1, 8, 8), np.uint8)
    face[0, :4, :4] = 200
    for_bright = activation_maps(net, "emotions", face, np.array([1]))[0]
    for_dark = activation_maps(net, "emotions", face, np.array([0]))[0]
    assert for_bright[:3, :3].min() > 0.9
    assert for_bright[5:, 5:].max() < 0.1
    np.testing.assert_allclose(for_bright + for_dark, 1, atol=1e-6)
