"""Files that a user names, written whole or not at all: JSON, pages from templates; the version of the code."""
