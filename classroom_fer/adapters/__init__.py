"""The libraries, one adapter each; nothing else imports them."""
