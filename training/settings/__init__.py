"""What a run may set: the record, overrides, the authors' systems, the space of a search."""
