"""Readers of the layouts in which people have FER2013 and FER+: one module each, found by `source.open_source`."""
