"""What every agent shares: graph, events, transcript, context of tools."""
