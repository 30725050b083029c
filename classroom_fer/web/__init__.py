"""The browser app: asks the same use cases as the command line and holds no rule of its own."""
