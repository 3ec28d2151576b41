"""Brokers' tables as entries of a registry (`registry.LAYOUTS`), and the one engine that reads an entry.

To add a table: an entry in the module of its kind, a sample in `tests/data/imports/layouts/`, a row in its test.
"""
