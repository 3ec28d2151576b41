"""What is seen from outside: Prometheus series, traces, access log."""
