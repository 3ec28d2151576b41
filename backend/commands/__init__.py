"""The commands of `rundown`, one a module."""
