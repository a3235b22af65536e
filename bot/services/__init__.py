"""Use cases as verbs, one recorded change each."""
