"""From accepted labels to training data: masked, shown before it is written, written the same every time."""

from collections.abc import Callable

from bot.domain.label import Change, Example, Mark, Utterance
from bot.domain.shop import Shop
from bot.language.masking import Masked, mask
from bot.services.inbox import Inbox

Changes = Callable[[list[Example]], list[Change]]
Write = Callable[[list[Change]], None]


class Training:
    def __init__(self, inbox: Inbox, shop: Shop, changes: Changes, write: Write) -> None:
        self._inbox = inbox
        self._shop = shop
        self._changes = changes
        self._write = write

    def examples(self) -> list[Example]:
        """Return what analysts accepted, with stand-ins for what tells who said it."""
        return [self._masked(utterance) for utterance in self._inbox.accepted()]

    def preview(self) -> list[Change]:
        """Return what writing would change in the training data."""
        return self._changes(self.examples())

    def write(self) -> list[Change]:
        """Write what was accepted into the training data; return what that changed."""
        changes = self.preview()
        self._write(changes)
        return changes

    def _masked(self, utterance: Utterance) -> Example:
        assert utterance.label is not None
        shop = self._shop
        text, replaced = mask(utterance.text, shop.order_number_pattern, shop.order_number_example, shop.region)
        marks = tuple(
            Mark(moved(mark["start"], replaced, ends=False), moved(mark["end"], replaced, ends=True), mark["entity"])
            for mark in utterance.entities
        )
        return Example(utterance.label, text, marks)


def moved(place: int, replaced: list[Masked], *, ends: bool) -> int:
    """Return where a place of the text is after masking; inside what was replaced it is the stand-in's begin or end."""
    shift = 0
    for one in replaced:
        if place >= one.end:
            shift += len(one.stand_in) - (one.end - one.start)
        elif place > one.start or (place == one.start and not ends):
            return one.start + shift + (len(one.stand_in) if ends else 0)
        else:
            break
    return place + shift
