"""The database, by PostgREST under the caller's token: one repository per aggregate."""
