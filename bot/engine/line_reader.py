"""A model that is loaded once, in a process of its own, and reads one text after the other."""

import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from select import select
from tempfile import TemporaryDirectory, TemporaryFile

from bot.domain.shadow import Guess
from bot.engine.judge import ReaderFailed
from bot.engine.running import end
from bot.engine.trainer import QUIET, candidate_model

LOADING_SECONDS = 120.0
"""For the first text: Rasa is imported and the model loaded."""
READING_SECONDS = 10.0
CHUNK = 65_536


class LineReader:
    def __init__(self, command: list[str], loading: float = LOADING_SECONDS, reading: float = READING_SECONDS) -> None:
        """Start the command, which answers each line; it has `loading` seconds for the first and `reading` for others."""
        self._within, self._reading = loading, reading
        self._complaints = TemporaryFile()  # noqa: SIM115  # as long as the process
        # Its temporary files go with it: whoever is killed while it unpacks a model does not tidy up.
        self._scratch = TemporaryDirectory(ignore_cleanup_errors=True)
        self._child = subprocess.Popen(
            command, env=os.environ | QUIET | {"TMPDIR": self._scratch.name}, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=self._complaints, start_new_session=True,
        )  # fmt: skip

    @property
    def pid(self) -> int:
        return self._child.pid

    def read(self, text: str) -> Guess:
        """Return how the model reads a text; raise ReaderFailed where it died, took too long, or said what is none."""
        try:
            answer = json.loads(self._asked(json.dumps(text)))
            likeliest = answer["ranking"][0]
            return Guess(likeliest["name"], float(likeliest["confidence"]), float(answer["ms"]))
        except (OSError, ValueError, LookupError, TypeError) as error:
            end(self._child)
            words = self._last_words()
            self.close()
            raise ReaderFailed(f"the reader did not answer: {type(error).__name__} {error} {words}") from error

    def close(self) -> None:
        """End the process and whatever it has started."""
        end(self._child)
        for file in (self._child.stdin, self._child.stdout, self._complaints):
            with suppress(OSError):
                file.close()  # type: ignore[union-attr]
        self._scratch.cleanup()

    def _asked(self, line: str) -> bytes:
        assert self._child.stdin
        self._child.stdin.write(line.encode() + b"\n")
        self._child.stdin.flush()
        answer = self._line(time.monotonic() + self._within)
        self._within = self._reading
        return answer

    def _line(self, until: float) -> bytes:
        """Return the next line of the process; raise TimeoutError past `until`, ValueError where it ended."""
        assert self._child.stdout
        out, line = self._child.stdout.fileno(), b""
        while not line.endswith(b"\n"):
            left = until - time.monotonic()
            if left <= 0 or not select([out], [], [], left)[0]:
                raise TimeoutError("it takes too long")
            chunk = os.read(out, CHUNK)
            if not chunk:
                raise ValueError("it has ended")
            line += chunk
        return line

    def _last_words(self) -> str:
        if self._complaints.closed:
            return ""
        size = self._complaints.seek(0, os.SEEK_END)
        self._complaints.seek(max(0, size - 300))
        return self._complaints.read().decode("utf-8", "replace").strip()


def open_reader(models: Path, file: str) -> LineReader:
    return LineReader([sys.executable, "-m", "bot.nlu.reader", str(models / file), "--lines"])


def candidate_name(models: Path) -> str | None:
    """Return the file name of the candidate, None where there is none."""
    candidate = candidate_model(models)
    return candidate.file if candidate else None
