"""The embedded stack: PostgreSQL, PostgREST and sign-in on this machine. Imported by the command line and the tests."""
