"""From records to the PDF that teachers read."""
