"""From a data set in any known layout to faces, labels and splits."""
