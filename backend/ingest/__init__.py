"""Files into runs: what an importer makes of one, its headline figures, a preview; large files in a process apart."""
