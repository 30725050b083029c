"""Single pictures: reading, fetching and annotating them, and the text of an answer."""
