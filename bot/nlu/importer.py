"""Rasa's own importer, with the help centre's answers as the responses of the retrieval intent `faq`."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import rasa.shared.utils.io
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.importers.utils import training_data_from_paths
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.quiet import silence_wrong_warnings


class ProjectImporter(RasaFileImporter):
    def __init__(
        self,
        config_file: str | None = None,
        domain_path: str | None = None,
        training_data_paths: list[str] | str | None = None,
        help_centre: str = "bot/help",
    ) -> None:
        """`help_centre`: the folder of `topics.ar.yml` and `buttons.ar.yml`."""
        silence_wrong_warnings()
        super().__init__(config_file, domain_path, training_data_paths)
        self._help_centre = Path(help_centre)

    def get_nlu_data(self, language: str | None = "ar") -> TrainingData:
        answers = help_responses(
            rasa.shared.utils.io.read_yaml_file(self._help_centre / "topics.ar.yml"),
            rasa.shared.utils.io.read_yaml_file(self._help_centre / "buttons.ar.yml"),
        )
        files = tuple((file, Path(file).stat().st_mtime_ns) for file in sorted(self._nlu_files))
        return _read(files).merge(TrainingData(responses=answers))


@lru_cache(maxsize=1)
def _read(files: tuple[tuple[str, int], ...]) -> TrainingData:
    """Return what the files hold; `rasa train` asks three times, and ten thousand lines take seconds to read.

    `files`: each file with the time it was last written.
    """
    return training_data_from_paths([file for file, _ in files], "ar")


def help_responses(topics: dict[str, Any], titles: dict[str, str]) -> dict[str, list[dict[str, Any]]]:
    """Return `utter_faq/<topic>` → its one response: the bubbles as paragraphs, the follow-ups as buttons."""
    return {f"utter_faq/{name}": [_response(topic, topics, titles)] for name, topic in topics.items()}


def _response(topic: dict[str, Any], topics: dict[str, Any], titles: dict[str, str]) -> dict[str, Any]:
    text = "\n\n".join(bubble.strip() for bubble in topic["answer"])
    return {"text": text, "buttons": [_button(name, topics, titles) for name in topic.get("next", ())]}


def _button(name: str, topics: dict[str, Any], titles: dict[str, str]) -> dict[str, str]:
    if name in topics:
        return {"title": topics[name]["title"], "payload": f'/faq{{{{"topic": "{name}"}}}}'}
    intent, _, task = name.partition("/")
    return {"title": titles[name], "payload": f"/{intent}" + (f'{{{{"task": "{task}"}}}}' if task else "")}
