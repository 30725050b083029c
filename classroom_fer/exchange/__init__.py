"""Tables and other programs, both directions: a file of theirs becomes records of ours, stored sessions become files.

Readers and writers are plain functions, listed in one dict per kind of content: ``tasks_file.FORMATS`` (read),
``tasks_formats.FORMATS`` (``tasks convert``), ``table_formats.TABLE_FORMATS`` and ``exports`` (``export``).
"""
