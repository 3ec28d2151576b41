"""Faults, really made, at every step of a turn and of an import."""
