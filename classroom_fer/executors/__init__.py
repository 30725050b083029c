"""Where chunks are done when one process is not enough."""
