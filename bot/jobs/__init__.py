"""Durable background work: what happens after a commit."""
