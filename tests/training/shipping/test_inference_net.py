"""The folded net says what the training network says."""

from __future__ import annotations

from typing import Any

import facenet_pytorch  # noqa: F401  # before TensorFlow, see wiring
import keras
import numpy as np
import pytest
from labelled_faces import smooth_faces

from training.runs.predictions import head_logits
from training.shipping.inference_net import ExportError, inference_net

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras on NumPy 2


def net(heads: dict[str, int], *, activation: str | None = None, branches: bool = True) -> Any:
    """A small net whose batch norms have statistics of their own."""
    keras.utils.set_random_seed(3)
    image = keras.Input((48, 48, 1))
    x = keras.layers.Rescaling(1 / 127.5, offset=-1.0)(image)
    x = keras.layers.BatchNormalization()(keras.layers.Conv2D(4, 3, strides=4, use_bias=False)(x))
    x = keras.layers.ReLU()(x)
    y = keras.layers.BatchNormalization(scale=False)(keras.layers.Conv2D(4, 3, padding="same")(x))
    x = keras.layers.ReLU()(keras.layers.Add()([x, y]))
    x = keras.layers.BatchNormalization()(keras.layers.MaxPooling2D()(x))  # follows no convolution: stays
    outputs = {}
    for k in range(3 if branches else 1):
        z = keras.layers.Conv2D(5, 3)(x)
        # two readers of the convolution: it cannot be folded
        z = keras.layers.Add()([z, keras.layers.BatchNormalization()(z)])
        z = keras.layers.Dropout(0.5)(keras.layers.GlobalAveragePooling2D()(z))
        for head, size in heads.items():
            outputs[f"{head}_{k}"] = keras.layers.Dense(size, activation=activation, name=f"{head}_{k}")(z)
    model = keras.Model(image, outputs if branches else outputs["emotions_0"])
    rng = np.random.default_rng(0)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights([rng.uniform(0.5, 2.0, w.shape) for w in layer.get_weights()])
    return model


def answers(model: Any) -> dict[str, np.ndarray]:
    return head_logits(model(smooth_faces(9)[..., None].astype(np.float32), training=False))  # predict would compile it


def test_branches_are_averaged_and_batch_norms_folded_without_changing_an_answer() -> None:
    trained = net({"emotions": 8, "fer7": 7})
    folded = inference_net(trained)
    expected, got = answers(trained), answers(folded)
    assert set(folded.output) == set(got) == {"emotions", "fer7"}
    for head, values in expected.items():
        np.testing.assert_allclose(got[head], values, rtol=1e-4, atol=1e-4)
    kinds = [type(layer) for layer in folded.layers]
    assert keras.layers.Dropout not in kinds
    # of six batch norms the two behind convolutions of their own are gone; the pooled one and one a branch stay
    assert kinds.count(keras.layers.BatchNormalization) == 4


def test_an_offset_moves_the_emotions_by_exactly_that() -> None:
    trained = net({"emotions": 8, "fer7": 7})
    offset = [0.0, 0.1, -0.2, 0.0, 0.0, 1.0, 0.5, 2.0]
    moved, plain = answers(inference_net(trained, offset=offset)), answers(inference_net(trained))
    np.testing.assert_allclose(moved["emotions"] - plain["emotions"], np.tile(offset, (9, 1)), atol=1e-5)
    np.testing.assert_array_equal(moved["fer7"], plain["fer7"])


def test_a_net_with_one_output_has_one_head() -> None:
    trained = net({"emotions": 8}, branches=False)
    folded = inference_net(trained)
    np.testing.assert_allclose(answers(folded)["emotions"], answers(trained)["emotions"], rtol=1e-4, atol=1e-4)
    assert set(folded.output) == {"emotions"}


def test_a_net_trained_in_bfloat16_becomes_float32() -> None:
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        folded = inference_net(net({"emotions": 8}))
        assert keras.config.dtype_policy().name == "mixed_bfloat16"
    finally:
        keras.config.set_dtype_policy("float32")
    assert {layer.compute_dtype for layer in folded.layers} == {"float32"}


def test_softmax_belongs_to_the_loss() -> None:
    with pytest.raises(ExportError, match="not in a Dense layer of logits"):
        inference_net(net({"emotions": 8}, activation="softmax"))
