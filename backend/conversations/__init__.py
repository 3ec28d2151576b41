"""What a turn is, whoever answers it: its states, events, stop, resume and saving. Knows no HTTP."""
