"""How the bot words what it has done, read from the domain."""

from pathlib import Path

import yaml


def success_words(root: Path) -> list[str]:
    """Return how the bot of the project at `root` begins to say that a complaint is filed."""
    said = yaml.safe_load((root / "domain.yml").read_text("utf-8"))["responses"]["utter_filed"]
    return [variant["text"].split("{")[0].strip() for variant in said]
