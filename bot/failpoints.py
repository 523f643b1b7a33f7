"""Named places at which tests break a process: on purpose, at that very place, without waiting for bad luck.

Nothing happens at them unless something is armed, which `SHAKWA_FAILPOINTS` alone does outside tests and production
refuses. An order is a file in its folder, named as the place, that says `kill`, `raise` or `pause`. Whoever comes to
the place first takes it, so that each order is obeyed once.
"""

import os
import signal
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

PLACES = (
    "message.before_commit", "message.after_commit", "message.before_ack", "turn.before_engine", "turn.before_commit",
    "turn.after_commit", "slots.after_commit", "filing.before_insert", "filing.before_commit", "filing.after_commit",
    "tracker.before_save", "tracker.after_save", "event.before_publish", "event.after_publish",
)  # fmt: skip
TAKEN = ".taken"

Obey = Callable[[str], object]
"""Called with the name of each place that is passed."""


class BrokenOnPurpose(Exception):
    """A test has ordered this."""


class _Armed:
    obey: Obey | None = None


def here(place: str) -> None:
    """Mark a place; without anything armed this does nothing."""
    if _Armed.obey is not None:
        _Armed.obey(place)


def arm(obey: Obey | None) -> None:
    """Have `obey` called at every place of this process, or nothing any more."""
    _Armed.obey = obey


def orders_in(folder: Path) -> Obey:
    """Return what obeys the orders that lie in a folder."""
    return partial(_obey, folder)


def _obey(folder: Path, place: str) -> None:
    taken = folder / f"{place}{TAKEN}"
    try:
        order = (folder / place).read_text()  # before it is seen as taken: whoever lets a paused one go removes it then
        (folder / place).rename(taken)
    except FileNotFoundError:
        return
    match order:
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "pause":
            while taken.exists():
                time.sleep(0.05)
        case _:
            raise BrokenOnPurpose(place)
