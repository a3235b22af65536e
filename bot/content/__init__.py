"""Loads and validates the policy files: playbooks, obligations, notices, the organisation."""
