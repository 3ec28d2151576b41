"""The agent of one run: a question in, events out. Frameworks for models stay in here."""
