"""What the user may set: configuration and its limits, the declaration, the report's style, languages."""
