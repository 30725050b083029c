"""How many crops a second does the classifier answer, in the shipped form and in the forms that it was chosen from?

  python benchmarks/classifier.py [--model FOLDER] [--batch 128] [--threads 2] [--rounds 5] [--litert] [--json]

All forms run in turn within one process, round after round; the median of each form's rounds counts. On a busy machine
trust the ratios and the column "by CPU time": crops a second if this process had all its threads' cores to itself.
The shipped form is what `load_classifier` picks on this machine. Also printed: the largest difference of its
probabilities from float32 on noise, which is no parity check (the manifest holds one, made at export).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

PER_FACE = 8
"""Crops that the slow form "predict per face" is given in a round; it takes tens of milliseconds for each."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, help="folder that `python -m training export` wrote; default: shipped")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--litert", action="store_true", help="also LiteRT with XNNPACK: pip install ai-edge-litert")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    result = measure(args.model, args.batch, args.threads, args.rounds, litert=args.litert)
    print(json.dumps(result, indent=2) if args.json else table(result))


def measure(folder: Path | None, batch: int, threads: int, rounds: int, *, litert: bool) -> dict:  # type: ignore[type-arg]
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import numpy as np

    from classroom_fer.faces.expressions import AUTO, BFLOAT16, FLOAT32, in_bfloat16, load_classifier

    loaded = {p: load_classifier(folder, threads=threads, batch=batch, precision=p) for p in (AUTO, FLOAT32, BFLOAT16)}
    crops = np.random.default_rng(0).integers(0, 256, (batch, 48, 48)).astype(np.uint8)
    keras_net = read_keras(loaded[AUTO].manifest.weights_path)
    forms: dict[str, tuple[Callable[[], object], int]] = {
        "shipped": (lambda: loaded[AUTO].classify(crops), batch),
        "graph float32": (lambda: loaded[FLOAT32].classify(crops), batch),
        "graph bfloat16": (lambda: loaded[BFLOAT16].classify(crops), batch),
        "graph float32, XLA": (xla_form(keras_net, crops), batch),
        "graph bfloat16, XLA": (xla_form(in_bfloat16(keras_net), crops), batch),
        "predict per batch": (lambda: keras_net.predict(crops[..., None], batch_size=batch, verbose=0), batch),
        "predict per face": (
            lambda: [keras_net.predict(crop[None, ..., None], verbose=0) for crop in crops[:PER_FACE]], PER_FACE,
        ),
    }  # fmt: skip
    if litert:
        forms["LiteRT XNNPACK float32"] = (litert_form(keras_net, crops, threads), batch)
    timings = timed(forms, rounds)
    shipped = statistics.median(wall for wall, _ in timings["shipped"])
    difference = np.abs(loaded[AUTO].classify(crops) - loaded[FLOAT32].classify(crops)).max()
    return {
        "model_sha256": loaded[AUTO].sha256,
        "shipped_precision": loaded[AUTO].precision,
        "batch": batch,
        "threads": threads,
        "largest_difference_from_float32": float(difference),
        "forms": {
            name: {
                "crops_per_s": 1 / statistics.median(wall for wall, _ in rows),
                "best_crops_per_s": 1 / min(wall for wall, _ in rows),
                "crops_per_s_by_cpu_time": threads / statistics.median(cpu for _, cpu in rows),
                "times_slower_than_shipped": statistics.median(wall for wall, _ in rows) / shipped,
            }
            for name, rows in timings.items()
        },
    }


def timed(forms: dict[str, tuple[Callable[[], object], int]], rounds: int) -> dict[str, list[tuple[float, float]]]:
    """Wall and CPU seconds a crop of each round; the first call of each form is not counted."""
    for run, _ in forms.values():
        run()
    result: dict[str, list[tuple[float, float]]] = {name: [] for name in forms}
    for _ in range(rounds):
        for name, (run, crops) in forms.items():
            wall, cpu = time.perf_counter(), time.process_time()
            run()
            run()
            spent = time.perf_counter() - wall, time.process_time() - cpu
            result[name].append((spent[0] / crops / 2, spent[1] / crops / 2))
    return result


def read_keras(path: Path):  # type: ignore[no-untyped-def]
    import keras

    return keras.saving.load_model(path, compile=False)


def logits_of(net, grey):  # type: ignore[no-untyped-def]
    """The product's head of a net that may have several."""
    import tensorflow as tf

    answer = net(tf.cast(grey, tf.float32), training=False)
    return answer["emotions"] if isinstance(answer, dict) else answer


def xla_form(net, crops) -> Callable[[], object]:  # type: ignore[no-untyped-def]
    """The same net compiled by XLA for this batch."""
    import tensorflow as tf

    graph = tf.function(lambda grey: logits_of(net, grey), jit_compile=True, autograph=False)
    return lambda: graph(crops[..., None]).numpy()


def litert_form(net, crops, threads: int) -> Callable[[], object]:  # type: ignore[no-untyped-def]
    """The same net through LiteRT: converted by TensorFlow, run by XNNPACK."""
    import tensorflow as tf
    from ai_edge_litert.interpreter import Interpreter

    signature = [tf.TensorSpec((len(crops), 48, 48, 1), tf.uint8)]
    graph = tf.function(
        lambda grey: logits_of(net, grey), input_signature=signature, autograph=False
    ).get_concrete_function()
    blob = tf.lite.TFLiteConverter.from_concrete_functions([graph]).convert()
    interpreter = Interpreter(model_content=blob, num_threads=threads)
    interpreter.allocate_tensors()
    source, target = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]

    def run() -> object:
        interpreter.set_tensor(source, crops[..., None])
        interpreter.invoke()
        return interpreter.get_tensor(target)

    return run


def table(result: dict) -> str:  # type: ignore[type-arg]
    lines = [
        f"model {result['model_sha256'][:12]}, batch {result['batch']}, {result['threads']} threads; shipped form: "
        f"{result['shipped_precision']}, within {result['largest_difference_from_float32']:.4f} of float32",
        f"{'form':24}{'crops/s':>10}{'best':>10}{'by CPU time':>13}{'times slower':>14}",
    ]
    for name, row in result["forms"].items():
        lines.append(
            f"{name:24}{row['crops_per_s']:10.0f}{row['best_crops_per_s']:10.0f}"
            f"{row['crops_per_s_by_cpu_time']:13.0f}{row['times_slower_than_shipped']:14.2f}"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    main()
