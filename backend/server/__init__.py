"""Serving: the listening socket, worker processes, the demo account."""
