"""From answers of a net or an ensemble to figures, pages and the table of results."""
