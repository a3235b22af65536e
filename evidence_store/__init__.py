"""Append-only evidence log: canonical entries, signed checkpoints, bundles and a verifier."""
