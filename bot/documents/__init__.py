"""Turns a notice template and the facts into a page for the browser and a PDF."""
