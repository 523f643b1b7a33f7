"""Tells Rasa's training cache when the language package has changed."""

import hashlib
from functools import cache
from pathlib import Path

import bot.language

SOURCES = Path(bot.language.__file__).parent


@cache
def language_fingerprint() -> str:
    """Return a hash over the language package and its tables.

    Rasa's cache hashes the source of a component's class alone: without this, an edit in `bot.language` would
    silently not be trained.
    """
    digest = hashlib.sha256()
    for file in sorted(SOURCES.rglob("*")):
        if file.suffix in {".py", ".tsv"}:
            digest.update(file.relative_to(SOURCES).as_posix().encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()
