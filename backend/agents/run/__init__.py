"""The agent of one run: its instructions and follow-up questions."""
