"""The words a record is shown in: Arabic names of kinds, slots and remedies, and the server's own sentences."""

from dataclasses import dataclass
from datetime import date, datetime

from bot.domain.complaint import ASKED, VOLUNTEERED, Complaint, Draft
from bot.language.dates import hijri


@dataclass(frozen=True)
class Words:
    """Loaded from `words.ar.json` beside this file; every mapping goes from a contract name to Arabic."""

    kinds: dict[str, str]
    remedies: dict[str, str]
    slots: dict[str, str]
    statuses: dict[str, str]
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
            day = date.fromisoformat(value)
            return f"{self.day(day)} ({hijri(day)} {self.notices['hijri']})"
        return value

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
