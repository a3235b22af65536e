"""Inbound Slack in Bolt's words."""
