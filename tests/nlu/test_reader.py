"""The reader with the trained model: line by line as in one go, and gone where it fails."""

import os
import signal
from pathlib import Path

import pytest

from bot.bootstrap import build
from bot.engine import trainer
from bot.engine.judge import ReaderFailed, read
from bot.engine.line_reader import open_reader
from bot.services.chat import Incoming
from bot.settings import Settings
from tests.builders import a_reading
from tests.engine.test_running import is_running
from tests.rasa_fixtures import RASA

pytestmark = RASA


def test_the_trained_model_reads_line_by_line_as_it_does_in_one_go(model: Path) -> None:
    texts = ["وين طلبي صار له أسبوعين", "وصلت الغسالة مكسورة", "سطر\nثانٍ"]
    reader = open_reader(model.parent, model.name)
    guesses = [reader.read(text) for text in texts]
    together = [one["ranking"][0] for one in read(model, texts)]
    assert [(one.intent, one.confidence) for one in guesses] == [(one["name"], one["confidence"]) for one in together]
    os.kill(reader.pid, signal.SIGKILL)
    with pytest.raises(ReaderFailed):
        reader.read(texts[0])


def test_a_model_that_cannot_be_loaded_says_so(tmp_path: Path) -> None:
    (tmp_path / "broken.tar.gz").write_bytes(b"no archive")
    with pytest.raises(ReaderFailed):
        open_reader(tmp_path, "broken.tar.gz").read("وين طلبي")


def test_the_workers_follower_has_the_candidate_read_what_was_said_until_it_is_promoted(model: Path, tmp_path: Path) -> None:
    models = tmp_path / "models"
    models.mkdir()
    (models / "new.tar.gz").symlink_to(model)
    (models / "candidate.json").write_text('{"file": "new.tar.gz", "sources": ""}', "utf-8")
    settings = Settings(data_dir=tmp_path / "var", models_dir=models, database_url="")  # type: ignore[arg-type]
    services = build(settings)
    services.migrate()
    services.shadow.turn(True, "noor")
    talk = services.chat.open("widget").conversation_id
    message, _ = services.chat.receive(talk, Incoming("client-id-1", "وصلت الغسالة مكسورة"))
    with services.store.write() as work:
        assert message.id is not None
        work.messages.keep_reading(message.id, a_reading("late_delivery"))
        work.commit()
    follower = services.follower()
    assert [follower.go_round(), follower.go_round()] == [1, 0]
    told = services.shadow.show()
    assert (told["candidate"], told["pairs"]) == ("new.tar.gz", [["late_delivery", "damaged_item", 1]])
    pid = follower._reader.pid  # type: ignore[union-attr]
    trainer.promote(models, "noor")
    assert follower.go_round() == 0
    assert not is_running(pid)
