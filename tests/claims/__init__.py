"""Every mark of an answer tested against its own claim, on real runs."""
