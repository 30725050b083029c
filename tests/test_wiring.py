"""The real parts together in one process."""

import subprocess
import sys

from classroom_fer import wiring
from classroom_fer.settings.config import default_config

BOTH = """
from classroom_fer import wiring
from classroom_fer.settings.config import default_config
import numpy as np
parts = wiring.build_parts(default_config())
assert parts.detector.detect([np.zeros((120, 160, 3), np.uint8)]) == [[]]
p = parts.classifier.classify(np.full((3, parts.classifier.input_px, parts.classifier.input_px), 128, np.uint8))
assert p.shape == (3, 8) and np.allclose(p.sum(1), 1, atol=1e-4)
print("both ran")
"""


def test_torch_and_tensorflow_run_side_by_side_in_one_process() -> None:
    done = subprocess.run([sys.executable, "-c", BOTH], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "both ran", done.stderr
    assert done.stderr == "", "native libraries must not write to the user's terminal"


def test_threads_are_the_cores_unless_set() -> None:
    import dataclasses

    assert wiring.threads(default_config()) >= 1
    assert wiring.threads(dataclasses.replace(default_config(), threads=3)) == 3
