"""Tells Rasa's training cache when the language package or the modules behind the components have changed."""

import hashlib
from functools import cache
from pathlib import Path

import bot.language

SOURCES = Path(bot.language.__file__).parent
COMPONENTS = Path(__file__).parent


@cache
def sources_fingerprint() -> str:
    """Return a hash over the language package with its tables, and over this package.

    Rasa's cache hashes the source of a component's class alone: without this, an edit in `bot.language` or in
    `bot.nlu.linear` would silently not be trained.
    """
    digest = hashlib.sha256()
    for folder in (SOURCES, COMPONENTS):
        for file in sorted(folder.rglob("*")):
            if file.suffix in {".py", ".tsv"}:
                digest.update(file.relative_to(folder).as_posix().encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()
