"""The check of the figures in an answer against the numbers that tools declared."""
