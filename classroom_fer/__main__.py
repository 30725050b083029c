"""``python -m classroom_fer``."""

from classroom_fer.cli import main

main()
