"""The health of the training data in the console: examined on request, and mended sentence by sentence."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from bot.domain.errors import NotAllowed
from bot.domain.health import Health, Sentence
from bot.domain.user import Permission, User

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Files:
    """The files of the training data, as the services see them."""

    examine: Callable[[], Health]
    """Takes about a minute, in processes of its own."""
    glance: Callable[[], Health]
    """The same without what a model would say."""
    kept: Callable[[], Health | None]
    keep: Callable[[Health], object]
    sources: Callable[[], str]
    """Hash of what a model is trained from."""
    relabel: Callable[[Sentence, str], None]
    remove: Callable[[Sentence], None]
    approve: Callable[[Sentence], None]
    from_inbox: Callable[[], frozenset[Sentence]]


@dataclass(frozen=True, slots=True)
class Checked:
    """What is known of the training data now."""

    health: Health | None
    """None before the first examination."""
    running: bool
    failed: bool
    """Whether the last examination came to nothing; the log says why."""
    outdated: bool
    """Whether files have changed since."""
    from_inbox: frozenset[Sentence]


class HealthCheck:
    def __init__(self, files: Files, labels: Callable[[], frozenset[str]]) -> None:
        self.files = files
        self._labels = labels
        self._running: threading.Thread | None = None
        self._failed = False
        self._mending = threading.Lock()

    def state(self) -> Checked:
        health = self.files.kept()
        outdated = health is not None and health.sources != self.files.sources()
        return Checked(health, self._is_running(), self._failed, outdated, self.files.from_inbox())

    def start(self, user: User) -> None:
        """Examine the files beside everything else; nothing happens where that is under way."""
        user.require(Permission.LABEL)
        if not self._is_running():
            self._running = threading.Thread(target=self._examine, name="health", daemon=True)
            self._running.start()

    def wait(self) -> None:
        """Wait for the examination that is under way, if one is."""
        if self._running is not None:
            self._running.join()

    def relabel(self, user: User, sentence: Sentence, label: str) -> None:
        """Move a sentence to another label; raise NotAllowed where it is gone, or is mended in the inbox."""
        if label not in self._labels():
            raise NotAllowed(f"{label} is no label of the model", "label_unknown")
        self._mend(user, sentence, lambda: self.files.relabel(sentence, label), label)

    def remove(self, user: User, sentence: Sentence) -> None:
        self._mend(user, sentence, lambda: self.files.remove(sentence), "")

    def approve(self, user: User, sentence: Sentence) -> None:
        """Keep that the label is right, whatever a model says: the sentence is not shown again."""
        self._mend(user, sentence, lambda: self.files.approve(sentence), sentence.label)

    def _mend(self, user: User, sentence: Sentence, mend: Callable[[], None], label: str) -> None:
        user.require(Permission.LABEL)
        with self._mending:
            mend()
            health = self.files.kept()
            if health is not None:
                self.files.keep(health.without(sentence))
        log.info("dataset.mended", by=user.login, label=sentence.label, now=label)

    def _is_running(self) -> bool:
        return self._running is not None and self._running.is_alive()

    def _examine(self) -> None:
        try:
            self.files.keep(self.files.examine())
            self._failed = False
        except Exception:
            self._failed = True
            log.exception("dataset.examination.failed")
