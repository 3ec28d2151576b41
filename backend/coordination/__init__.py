"""What workers must agree on: counts for limits, and who answers which request. In the process, or in Redis."""
