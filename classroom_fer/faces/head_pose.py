"""Head pose from the five landmarks, in closed form (weak perspective).

The constants are distances on the canonical face of MediaPipe, in cm:
https://github.com/google-ai-edge/mediapipe/blob/master/mediapipe/modules/face_geometry/data/canonical_face_model.obj
Seen from the middle of the eyes, y downwards and z towards the camera, with the mouth's two corners as their middle.
``cv2.solvePnP`` (ITERATIVE) fails on five points, hence this. Landmark noise of 1 px is an SD of 10 degrees on a face
of 24 px, 5 on 48 px, 2.6 on 96 px.
"""

from __future__ import annotations

import math

from classroom_fer.lesson.records import HeadPose, Landmarks

EYE_DISTANCE_CM = 6.302  # MediaPipe canonical face
NOSE_DOWN_CM = 3.752  # MediaPipe canonical face: nose tip below the eyes
NOSE_FRONT_CM = 4.010  # MediaPipe canonical face: nose tip before the eyes
MOUTH_DOWN_CM = 6.967  # MediaPipe canonical face: mouth below the eyes
MOUTH_FRONT_CM = 0.818  # MediaPipe canonical face: mouth before the eyes
NOSE_DEPTH_CM = 3.569  # nose tip before the line from eyes to mouth: 4.010 - 0.818 * 3.752 / 6.967

MIN_FACE_HEIGHT = 0.3  # choice: eyes to mouth over eye distance; below it the landmarks are no face
MAX_YAW_DEG = 70.0  # choice: beyond it one eye is a guess of the detector
MAX_PITCH_DEG = 50.0  # choice


def head_pose(landmarks: Landmarks) -> HeadPose | None:
    """Angles of the head in degrees; None where the points cannot be those of a face turned less than 70 / 50 degrees.

    Yaw: + = nose towards the image's right. Pitch: + = down. Roll: + = clockwise in the image. Pitch differs between
    people by an SD of 6.4 degrees, so use it relative to a person's own baseline.

    Args:
        landmarks: five (x, y) pixels: image-left eye, image-right eye, nose, image-left and image-right mouth corner.

    Without noise roll and pitch are exact. Yaw is exact on a level head and within .6 degrees from level to 20 down up
    to a yaw of 45; further down or upwards it is read too large (3 degrees at yaw 45 and 20 up), because the nose's
    depth is taken as on a level face. (Tested; the head bends, then turns about the picture's vertical, then rolls.)

    >>> head_pose(((-10.0, 0.0), (10.0, 0.0), (0.0, 11.9), (-8.0, 22.1), (8.0, 22.1))).yaw_deg
    0.0
    """
    if len(landmarks) != 5 or not all(math.isfinite(value) for point in landmarks for value in point):
        return None
    (left_x, left_y), (right_x, right_y) = landmarks[:2]
    roll = math.atan2(right_y - left_y, right_x - left_x)
    cos, sin = math.cos(roll), math.sin(roll)
    upright = [(x * cos + y * sin, y * cos - x * sin) for x, y in landmarks]
    left, right, nose, mouth_left, mouth_right = upright
    eyes, mouth = _middle(left, right), _middle(mouth_left, mouth_right)
    distance, height = right[0] - left[0], mouth[1] - eyes[1]
    if distance <= 0 or height <= MIN_FACE_HEIGHT * distance:
        return None
    ratio = (nose[1] - eyes[1]) / height
    line_x = eyes[0] + ratio * (mouth[0] - eyes[0])
    yaw = math.degrees(math.atan(EYE_DISTANCE_CM / NOSE_DEPTH_CM * (nose[0] - line_x) / distance))
    pitch = math.degrees(math.atan2(MOUTH_DOWN_CM * ratio - NOSE_DOWN_CM, NOSE_FRONT_CM - MOUTH_FRONT_CM * ratio))
    if abs(yaw) > MAX_YAW_DEG or abs(pitch) > MAX_PITCH_DEG:
        return None
    return HeadPose(yaw_deg=yaw, pitch_deg=pitch, roll_deg=math.degrees(roll))


def _middle(a: tuple[float, float], b: tuple[float, float]) -> tuple[float, float]:
    return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2
