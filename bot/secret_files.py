"""Secrets in files: read where somebody else has put them, kept where nobody else may read; which of them are weak."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from bot.domain.errors import BadSettings

SHORTEST_SECRET = 32
FEWEST_LETTERS = 8
"""Different ones in a secret: with fewer it is a word or a pattern, and guessed."""


def content_of(name: str, file: Path) -> str:
    """Return the secret in the file that `name`_FILE gives; raise BadSettings where there is none."""
    try:
        content = file.read_text("utf-8").strip()
    except (OSError, ValueError) as error:
        raise BadSettings(f"{name}_FILE: {file} cannot be read ({type(error).__name__})") from None
    if not content:
        raise BadSettings(f"{name}_FILE: {file} is empty")
    return content


def keep(file: Path, secret: str) -> None:
    """Write the file whole or not at all; where another process was quicker, what it wrote stays."""
    descriptor, draft = tempfile.mkstemp(dir=file.parent)  # which nobody else may read
    with os.fdopen(descriptor, "w") as out:
        out.write(secret)
    with suppress(FileExistsError):
        os.link(draft, file)
    os.unlink(draft)


def strong(secret: str, name: str = "SHAKWA_SECRET") -> str:
    """Return a secret that is long enough; raise BadSettings for another."""
    if len(secret) < SHORTEST_SECRET:
        raise BadSettings(f"{name} has {len(secret)} characters: {SHORTEST_SECRET} are the least")
    return secret


def weakness(secret: str, name: str) -> str | None:
    """Return why production refuses a secret, as a sentence."""
    if len(secret) < SHORTEST_SECRET:
        return f"{name} has {len(secret)} characters: {SHORTEST_SECRET} are the least"
    if len(set(secret)) < FEWEST_LETTERS:
        return f"{name} can be guessed: `openssl rand -hex 32` makes another"
    return None
