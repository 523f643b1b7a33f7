"""Run by itself: imports all of our modules, uses the patterns that are made when first used, and prints every pattern.

One line of JSON for each `re.compile` of ours that was called: where it stands, the pattern, its flags.
"""

import datetime
import importlib
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

TEXT = (
    "رقم الطلب 405-1234567 اشتريته يوم الأحد قبل ٣ أسابيع 12/3/2026 بمبلغ ٣٥٠ ريال جوالي 0551234567 a@b.example ورجعوا فلوسي"
)
TODAY = datetime.date(2026, 11, 22)
ORDER = r"\d{3}-\d{7}-\d{7}"

found: dict[tuple[str, int], list[tuple[str, int]]] = {}


def recording(compile_: Callable[..., Any]) -> Callable[..., Any]:
    def record(pattern: Any, flags: int = 0) -> Any:
        caller = sys._getframe(1)
        file = Path(caller.f_code.co_filename)
        ours = any(file.is_relative_to(ROOT / top) for top in ("bot", "actions"))
        if ours and isinstance(pattern, str):
            place = (file.relative_to(ROOT).as_posix(), caller.f_lineno)
            found.setdefault(place, []).append((pattern, int(flags)))
        return compile_(pattern, flags)

    return record


def use() -> None:
    """Call what compiles its patterns when it is first needed."""
    from bot.language import (
        amounts,
        buying,
        clauses,
        contacts,
        dates,
        fields,
        masking,
        moments,
        orders,
        relative_dates,
        spelling,
        words,
    )

    spelling.clean(TEXT + "\u0651\u064b\u0650" * 3)
    words.words(TEXT)
    amounts.find_amounts(TEXT)
    dates.find_dates("يوم الأحد 12/3/2026", TODAY)
    dates.read_past_date("أمس قصدي أول أمس", TODAY)
    moments.find_moments(TEXT, TODAY)
    orders.find_order_numbers(TEXT, ORDER)
    orders.read_order_number(TEXT, ORDER)
    orders.find_complaint_numbers(TEXT)
    orders._other()
    relative_dates._as()
    contacts.find_phones(TEXT)
    contacts.find_phones("جوالي 1001234567", "EG")
    buying.bought_on(TEXT, TODAY)
    clauses.clause_spans(TEXT)
    for named in (fields.named_field, fields.named_channel, fields.told_contact):
        named(TEXT)
    masking.mask(TEXT, ORDER, "405-1234567-1234567")


if __name__ == "__main__":
    re.compile = recording(re.compile)  # type: ignore[assignment]
    for top in ("bot", "actions"):
        for file in sorted((ROOT / top).rglob("*.py")):
            if "migrations" not in file.parts and not file.name.startswith("__"):
                importlib.import_module(file.relative_to(ROOT).as_posix()[:-3].replace("/", "."))
    use()
    for (file_name, line), patterns in found.items():
        for pattern, flags in dict.fromkeys(patterns):
            print(json.dumps([file_name, line, pattern, flags]))
