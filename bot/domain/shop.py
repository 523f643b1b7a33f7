"""The shop Shakwa speaks for, as `shop.yml` describes it."""

import re
from dataclasses import MISSING, dataclass, fields
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.domain.errors import BadSettings
from bot.domain.names import Kind

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True)
class Shop:
    name: str
    website: str
    phone: str
    email: str
    phone_hours: str
    chat_hours: str
    time_zone: str
    weekend: tuple[str, ...]
    first_answer_hours: tuple[int, int]
    complex_answer_hours: int
    complex_kinds: tuple[str, ...]
    high_amount: float
    supervisor_hours: int
    formal_hours: int
    next_answer_hours: int
    resolution_hours: int
    order_number_pattern: str
    order_number_example: str
    currency: str
    region: str
    return_days: int
    warranty_months: int
    help_url: str
    orders_url: str
    account_url: str
    gift_cards_url: str
    security_url: str
    authority_name: str
    authority_url: str
    authority_phone: str
    privacy_url: str = ""
    """Where the shop says what it does with data; the widget links to it if there is one."""

    def __post_init__(self) -> None:
        if unknown := set(self.weekend) - set(DAYS):
            raise BadSettings(f"shop.yml: weekend names {sorted(unknown)}; days are {', '.join(DAYS)}")
        if not re.fullmatch(r"(https?://\S+)?", self.privacy_url):
            raise BadSettings(f"shop.yml: privacy_url is {self.privacy_url!r}, and no address of a page")
        if len(set(self.weekend)) == len(DAYS):
            raise BadSettings("shop.yml: weekend leaves no working day")
        if unknown := set(self.complex_kinds) - set(Kind):
            raise BadSettings(f"shop.yml: complex_kinds names {sorted(unknown)}; kinds are {', '.join(Kind)}")

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def due_at(self, filed: datetime, kind: Kind | None = None) -> datetime:
        """Return when the first answer is due at the latest: a complex kind is promised more hours."""
        return self.after(filed, self.answer_hours(kind))

    def answer_hours(self, kind: Kind | None) -> int:
        return self.complex_answer_hours if kind in self.complex_kinds else self.first_answer_hours[1]

    def after(self, moment: datetime, hours: int) -> datetime:
        """Return the moment so many hours later, counted over working days only."""
        left = timedelta(hours=hours)
        now = moment.astimezone(self.zone)
        while True:
            midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
            today = timedelta() if self._rests(now) else midnight - now
            if left < today or (left == today and left):
                return (now + left).astimezone(moment.tzinfo)
            left, now = left - today, midnight

    def _rests(self, day: datetime) -> bool:
        return DAYS[day.weekday()] in self.weekend


def shop_from(settings: dict[str, Any]) -> Shop:
    """Build a Shop from the mapping in `shop.yml`; raise BadSettings naming what is missing or unknown."""
    names = {field.name for field in fields(Shop)}
    needed = {field.name for field in fields(Shop) if field.default is MISSING}
    if missing := needed - settings.keys():
        raise BadSettings(f"shop.yml lacks {', '.join(sorted(missing))}")
    if unknown := settings.keys() - names:
        raise BadSettings(f"shop.yml has unknown entries: {', '.join(sorted(unknown))}")
    listed = {name: tuple(settings[name]) for name in ("weekend", "first_answer_hours", "complex_kinds")}
    return Shop(**{**settings, **listed})
