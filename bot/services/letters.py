"""Letters that wait to be sent: each is tried again for some hours, and stays with its reason when that does not help."""

from collections.abc import Callable
from smtplib import SMTPException

import structlog

from bot.domain.desk import Letter
from bot.services.ports import Clock, Store

log = structlog.get_logger()

Send = Callable[[Letter], None]


class Letters:
    def __init__(self, store: Store, clock: Clock, send: Send | None) -> None:
        """`send` raises what smtplib raises; without one, letters wait until there is a mail server."""
        self._store = store
        self._clock = clock
        self._send = send

    def send_due(self) -> int:
        """Send what is due, oldest first; return how many went out."""
        if self._send is None:
            return 0
        sent = 0
        with self._store.write() as work:
            for letter in work.letters.due(self._clock()):
                try:
                    self._send(letter)
                    letter.sent(self._clock())
                    sent += 1
                except (OSError, SMTPException) as error:
                    letter.failed(self._clock(), type(error).__name__)
                    log.warning("letter.failed", letter=letter.id, tries=letter.tries, cause=type(error).__name__)
            work.commit()
        return sent
