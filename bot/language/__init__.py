"""Arabic text as pure functions; `tables/*.tsv` hold every Arabic word this package knows.

Nothing is read at import and nothing of ours is imported. Every finder returns `Found` values whose offsets
are true for the text it was given, so that a caller may mask, mark or replace in place.
"""
