"""From a frame to faces: detection, landmarks, crops, head pose, expressions, and the shipped model."""
