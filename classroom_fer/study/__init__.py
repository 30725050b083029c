"""What researchers do with many lessons: put them beside each other (docs/across-lessons.md), draw samples for human
observers and hold the observers' codes against the numbers (docs/validation.md).

Pure but for the files of sheets; everything here is research material.
"""
