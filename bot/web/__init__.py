"""Pages, downloads and the Slack endpoint."""
