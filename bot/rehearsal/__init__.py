"""Exercises played without people: scripted players, a clock that is moved, no network."""
