"""What others wrote: characters that may be printed, what a reader sees as one, cells on a terminal."""
