"""Rundown: pick a finished trading run, ask why it lost money, check every figure of the answer."""
