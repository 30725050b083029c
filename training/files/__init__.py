"""Files that a user names: written whole or not at all; the version of the code."""
