"""From the faces of a lesson to tracks, one a seat."""
