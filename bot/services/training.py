"""From accepted labels to training data: masked, shown before it is written, written the same every time."""

from collections.abc import Callable

from bot.domain.label import Change, Example, Mark
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
        return [self.masked(example) for example in self._inbox.trained()]

    def left_out(self) -> int:
        """Return how much was accepted and is not written, because one conversation alone said too much of its label."""
        return len(self._inbox.accepted()) - len(self._inbox.trained())

    def preview(self) -> list[Change]:
        """Return what writing would change in the training data."""
        return self._changes(self.examples())

    def write(self) -> list[Change]:
        """Write what was accepted into the training data; return what that changed."""
        changes = self.preview()
        self._write(changes)
        return changes

    def masked(self, example: Example) -> Example:
        """Return an example as it is written: with stand-ins, its marks moved along."""
        shop = self._shop
        text, replaced = mask(example.text, shop.order_number_pattern, shop.order_number_example, shop.region)
        marks = (
            Mark(moved(mark.start, replaced, ends=False), moved(mark.end, replaced, ends=True), mark.entity)
            for mark in example.marks
        )
        return Example(example.label, text, tuple(marks))


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
