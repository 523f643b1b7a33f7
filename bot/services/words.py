"""The words a record is shown in: Arabic names of kinds, slots and remedies, and the server's own sentences."""

from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from bot.domain.complaint import Complaint, Entry
from bot.domain.draft import ASKED, VOLUNTEERED, Draft
from bot.domain.shop import Shop
from bot.language.dates import hijri
from bot.language.spelling import fold

INTERNAL = frozenset({"assigned"})
"""What a timeline holds for the shop alone."""


@dataclass(frozen=True)
class Words:
    """Loaded from `words.ar.json` beside this file; every mapping goes from a contract name to Arabic."""

    kinds: dict[str, str]
    currencies: dict[str, str]
    remedies: dict[str, str]
    slots: dict[str, str]
    statuses: dict[str, str]
    levels: dict[str, str]
    severities: dict[str, str]
    channels: dict[str, str]
    columns: dict[str, str]
    """Heads of the columns of an exported list."""
    timeline_lines: dict[str, str]
    hazards: list[str]
    """Words that tell of danger to somebody's health."""
    sorry: dict[str, str]
    """Kind → an apology for just that."""
    greetings: dict[str, str]
    """A greeting, or part of it → its answer; that of "" answers every other."""
    wishes: dict[str, str]
    """Intent → what the shopper may want, said as the shopper would."""
    evidence_words: list[str]
    topics: dict[str, str]
    """Topic of the help centre → its title."""
    file: dict[str, str]
    """The words of the complaint's file."""
    rights: dict[str, Any]
    """Right → sentence; `every` is a list that holds for every complaint."""
    rights_of_kinds: dict[str, list[str]]
    notices: dict[str, str]
    errors: dict[str, str]
    weekdays: list[str]
    months: list[str]

    def shown(self, slot: str, value: str) -> str:
        """Return a slot's value as a shopper reads it; a date is shown in both calendars."""
        if slot == "complaint_kind":
            return self.kinds[value]
        if slot == "remedy":
            return self.remedies[value]
        if slot == "purchase_date":
            return self.both(date.fromisoformat(value))
        if slot == "amount":
            number, _, currency = value.partition(" ")
            return f"{number} {self.currencies.get(currency, currency)}".strip()
        return value

    def both(self, day: date) -> str:
        """Return a day in both calendars."""
        return f"{self.day(day)} ({hijri(day)} {self.notices['hijri']})"

    def day(self, day: date) -> str:
        return self.notices["date"].format(
            weekday=self.weekdays[day.weekday()], day=day.day, month=self.months[day.month - 1], year=day.year
        )

    def moment(self, moment: datetime) -> str:
        """Return day and time in words, in the zone of `moment`; midnight is the end of the day before."""
        if moment.time() == time():
            return self.notices["end_of_day"].format(date=self.day(moment.date() - timedelta(days=1)))
        return self.notices["moment"].format(date=self.day(moment.date()), time=moment.strftime("%H:%M"))

    def summary(self, draft: Draft) -> list[dict[str, str]]:
        """Return the given slots in the order they are asked: `{"slot", "label", "value"}`."""
        given = [(slot, draft.value(slot)) for slot in ASKED + VOLUNTEERED]
        return [
            {"slot": slot, "label": self.slots[slot], "value": self._told(draft, slot, value)}
            for slot, value in given
            if value is not None
        ]

    def _told(self, draft: Draft, slot: str, value: str) -> str:
        return (slot == "remedy" and draft.wish) or self.shown(slot, value)

    def status(self, complaint: Complaint) -> str:
        return self.statuses[complaint.status]

    def level(self, complaint: Complaint) -> str:
        return self.levels[complaint.level]

    def channel(self, name: str) -> str:
        """Return the name of a channel; one that is not ours is shown as it was said."""
        return self.channels.get(name, name)

    def timeline(self, complaint: Complaint, zone: tzinfo) -> list[str]:
        """Return what happened to a complaint, oldest first: lines of "date, time – sentence"."""
        return [
            self.timeline_lines["line"].format(moment=self.moment(entry.at.astimezone(zone)), sentence=self.sentence(entry))
            for entry in complaint.timeline
            if entry.action not in INTERNAL
        ]

    def sentence(self, entry: Entry) -> str:
        """Return one line of a timeline in words, with the reason if one was given."""
        detail = {name: str(value) for name, value in entry.detail.items()}
        told = detail | {
            "to": self.statuses.get(detail.get("to", ""), ""),
            "to_level": self.levels.get(detail.get("to_level", ""), ""),
            "channel": self.channel(detail.get("channel", "")),
            "clock": self.clock(detail.get("clock", "")),
        }
        wordless = entry.action == "merged" and "text" not in detail
        sentence = self.timeline_lines["merged_without_words" if wordless else entry.action].format(**told)
        if "reason" in detail:
            return self.timeline_lines["with_reason"].format(sentence=sentence, reason=detail["reason"])
        return sentence

    def clock(self, name: str) -> str:
        return {"answer": self.notices["clock_answer"], "resolution": self.notices["clock_resolution"]}.get(name, "")

    def greeting(self, text: str) -> str:
        """Return the answer to a greeting, in kind."""
        folded = fold(text)
        return next(answer for greeting, answer in self.greetings.items() if fold(greeting) in folded)

    def dear(self, name: str | None) -> str:
        """Return how a shopper is addressed, to be put behind a word; nothing for one without a name."""
        return self.notices["dear"].format(name=name) if name else ""

    def tells_of_evidence(self, text: str) -> bool:
        """Whether a text says that there is something to show."""
        folded = set(fold(text).split())
        return any(set(fold(word).split()) <= folded for word in self.evidence_words)

    def rights_of(self, kind: str, shop: Shop) -> list[str]:
        """Return what a shopper with a complaint of this kind has a right to, with the shop's own terms."""
        own = [self.rights[name] for name in self.rights_of_kinds[kind]]
        return [sentence.format(**asdict(shop)) for sentence in (*own, *self.rights["every"])]

    def hazardous(self, text: str) -> bool:
        """Whether a text tells of danger to somebody's health; a false alarm costs less than a missed one."""
        folded = fold(text)
        return any(fold(word) in folded for word in self.hazards)
