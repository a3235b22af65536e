"""Tocsin: incident response orchestration for Slack."""
