"""Looking at a data set: one page of figures, duplicates, faces that are none, outliers."""
