"""Versions of what the code makes: raised when the same input gives other rows or other numbers. Imports nothing."""

OBSERVATION_VERSION = 4
"""Raise it whenever the code makes other face rows from the same film and settings.

2: films whose time stamps lie or stand still, square pixels, expressions in float32 by ONNX Runtime.
3: how the camera moved from frame to frame; whole looks now and then, looks at known faces between; expressions from a
frontal score of .80 on.
4: classes and groups from both heads of the classifier, each group answered from a probability of its own on."""
RESULT_VERSION = 4
"""Raise it whenever the code makes other results (tracks, class values) from the same face rows, tasks and settings.

Stored sessions of another version are computed again from their face rows before anything of them is shown.
0 stands for sessions that were stored before there were versions.
2: a cut ends every track; tracks and directions follow a camera that moves; heads are also down by their place; pieces
of a seat that show together now and then are joined, people who walk keep their own track, CenterFace is sure of a face
from .55 on (of a large one: .70).
3: a face counts in its most probable group, not in that of its most probable class; in E by its votes, with or without
a class.
4: bins say how much of the class turned together (synchrony); no other number changed."""
