"""Tables and other programs, both directions: a file of theirs becomes records of ours.

Readers are plain functions, listed in one dict per kind of content (``tasks_file.FORMATS``).
"""
