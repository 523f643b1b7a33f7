"""The words a record is shown in: Arabic names of kinds, slots and remedies, and the server's own sentences."""

from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from bot.domain.complaint import ASKED, VOLUNTEERED, Complaint, Draft, Entry
from bot.language.dates import hijri
from bot.language.spelling import fold


@dataclass(frozen=True)
class Words:
    """Loaded from `words.ar.json` beside this file; every mapping goes from a contract name to Arabic."""

    kinds: dict[str, str]
    remedies: dict[str, str]
    slots: dict[str, str]
    statuses: dict[str, str]
    levels: dict[str, str]
    severities: dict[str, str]
    channels: dict[str, str]
    timeline_lines: dict[str, str]
    hazards: list[str]
    """Words that tell of danger to somebody's health."""
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
        return value

    def both(self, day: date) -> str:
        """Return a day in both calendars."""
        return f"{self.day(day)} ({hijri(day)} {self.notices['hijri']})"

    def day(self, day: date) -> str:
        return self.notices["date"].format(
            weekday=self.weekdays[day.weekday()], day=day.day, month=self.months[day.month - 1], year=day.year
        )

    def moment(self, moment: datetime) -> str:
        """Return day and time in words, in the zone of `moment`."""
        return self.notices["moment"].format(date=self.day(moment.date()), time=moment.strftime("%H:%M"))

    def summary(self, draft: Draft) -> list[dict[str, str]]:
        """Return the given slots in the order they are asked: `{"slot", "label", "value"}`."""
        given = [(slot, draft.value(slot)) for slot in ASKED + VOLUNTEERED]
        return [
            {"slot": slot, "label": self.slots[slot], "value": self.shown(slot, value)}
            for slot, value in given
            if value is not None
        ]

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
        ]

    def sentence(self, entry: Entry) -> str:
        """Return one line of a timeline in words, with the reason if one was given."""
        detail = {name: str(value) for name, value in entry.detail.items()}
        told = detail | {
            "to": self.statuses.get(detail.get("to", ""), ""),
            "to_level": self.levels.get(detail.get("to_level", ""), ""),
            "channel": self.channel(detail.get("channel", "")),
        }
        wordless = entry.action == "merged" and "text" not in detail
        sentence = self.timeline_lines["merged_without_words" if wordless else entry.action].format(**told)
        if "reason" in detail:
            return self.timeline_lines["with_reason"].format(sentence=sentence, reason=detail["reason"])
        return sentence

    def hazardous(self, text: str) -> bool:
        """Whether a text tells of danger to somebody's health; a false alarm costs less than a missed one."""
        folded = fold(text)
        return any(fold(word) in folded for word in self.hazards)
