"""From a film's bytes to upright frames at known times."""
