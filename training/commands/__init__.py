"""The commands of `python -m training`: parse, call, show."""
