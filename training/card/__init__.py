"""Runs on a graphics card: the same configs and folders, carried out by plain torch (`docs/classifier.md`)."""
