"""From a run to the shipped classifier: last layers fitted anew, branches folded, manifest."""
