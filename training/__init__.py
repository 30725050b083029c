"""Train, compare and ship facial-expression classifiers: `python -m training --help`."""
