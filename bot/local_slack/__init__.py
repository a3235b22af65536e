"""A Slack workspace in a box, for the demo, for practice and for tests; loopback only."""
