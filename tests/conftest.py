"""Settings of the test run."""

from hypothesis import settings

settings.register_profile("shared machine", deadline=None)  # times of single examples say nothing under load
settings.load_profile("shared machine")
