"""The console's lists: complaints by filters, messages by words; saved views; and the list as a file."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.domain.desk import SavedView
from bot.domain.errors import ViewUnknown
from bot.domain.lists import ComplaintFilter, ComplaintLine, FoundMessage
from bot.domain.user import User
from bot.language.digits import western
from bot.language.spelling import clean
from bot.services.chat import checked
from bot.services.ports import Clock, Store
from bot.services.words import Words

PAGE = 50
MOST_VIEWS = 30
LONGEST_VIEW_NAME = 60

FORMULA = ("=", "+", "-", "@", "|", "%")
"""How a cell begins that a spreadsheet may run, whatever stands invisibly before it; full-width signs count, too."""
PLAIN_NUMBER = re.compile(r"\+?\d[\d\s.,-]*")

EXPORTED = (
    "number", "kind", "status", "level", "severity", "order_number", "product", "amount", "contact", "description",
    "assignee", "created_at", "first_answered_at", "answer_due_at", "resolve_by", "closed_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Page:
    lines: list[ComplaintLine]
    before: int | None
    """What the next page is asked for with; None on the last one."""


class Lists:
    def __init__(self, store: Store, clock: Clock, words: Words) -> None:
        self._store = store
        self._clock = clock
        self._words = words

    def complaints(self, wanted: ComplaintFilter, before: int | None = None, limit: int = PAGE) -> Page:
        """Return the newest complaints that fit, a page of them, from those before id `before`."""
        with self._store.read() as work:
            lines = work.lists.complaints(wanted, self._clock(), before, limit + 1)
        return Page(lines[:limit], lines[limit - 1].id if len(lines) > limit else None)

    def messages(self, text: str) -> list[FoundMessage]:
        """Return the newest messages of shoppers and agents in which every word of `text` begins a word."""
        with self._store.read() as work:
            return work.lists.messages(text, PAGE)

    def exported(self, wanted: ComplaintFilter) -> Iterator[str]:
        """Yield the whole list as CSV, with the Arabic names of kinds and statuses, in pieces."""
        yield "\ufeff" + _row([self._words.columns[name] for name in EXPORTED])  # spreadsheets take it for UTF-8 so
        before: int | None = None
        while True:
            page = self.complaints(wanted, before, 1_000)
            yield "".join(_row([self._cell(line, name) for name in EXPORTED]) for line in page.lines)
            before = page.before
            if before is None:
                return

    def reindex(self) -> int:
        """Index what was stored before there was an index; return how many rows that is."""
        with self._store.write() as work:
            complaints, messages = work.lists.unindexed()
            for one in complaints:
                texts = (one.number, one.order_number, one.product, one.seller, one.contact, one.description)
                work.lists.index_complaint(one.id, *texts)
            for one in messages:
                if one.sender in ("shopper", "agent"):
                    work.lists.index_message(one.id, one.text)
            work.commit()
        return len(complaints) + len(messages)

    # ------------------------------------------------------------------ saved views

    def views(self, user: User) -> list[SavedView]:
        assert user.id is not None
        with self._store.read() as work:
            return work.views.of(user.id)

    def save_view(self, user: User, name: str, query: dict[str, Any]) -> SavedView:
        """Keep a list's filters under a name; a view of the same name is replaced."""
        assert user.id is not None
        name = checked(name)[:LONGEST_VIEW_NAME]
        with self._store.write() as work:
            view = work.views.named(user.id, name)
            if view is None:
                view = SavedView(user.id, name)
                work.views.add(view)
            view.query = query
            for oldest in work.views.of(user.id)[:-MOST_VIEWS]:
                work.views.remove(oldest)
            work.commit()
        return view

    def drop_view(self, user: User, name: str) -> None:
        assert user.id is not None
        with self._store.write() as work:
            view = work.views.named(user.id, checked(name)[:LONGEST_VIEW_NAME])
            if view is None:
                raise ViewUnknown(f"{user.login} has no view {name}")
            work.views.remove(view)
            work.commit()

    def _cell(self, line: ComplaintLine, name: str) -> str:
        value = getattr(line, name)
        if value is None:
            return ""
        names = {"kind": self._words.kinds, "status": self._words.statuses, "level": self._words.levels}
        names |= {"severity": self._words.severities}
        return names[name][value] if name in names else str(value)


def _row(cells: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([harmless(cell) for cell in cells])
    return out.getvalue()


def harmless(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula; a telephone number stays as it is."""
    begins = clean(unicodedata.normalize("NFKC", cell[:100])).startswith(FORMULA) or cell.startswith(("\t", "\r"))
    return "'" + cell if begins and not PLAIN_NUMBER.fullmatch(western(cell)) else cell
