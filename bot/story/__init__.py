"""A told breach: 72 hours in under a minute, through the real program."""
