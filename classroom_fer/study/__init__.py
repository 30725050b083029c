"""What researchers do with many lessons: samples for human observers, and what the observers' codes say of the numbers.

Pure but for the files of sheets; everything here is research material (docs/validation.md).
"""
