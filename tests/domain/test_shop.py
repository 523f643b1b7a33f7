"""The promised hours run on working days alone."""

from datetime import UTC, datetime
from typing import Any

import pytest
import yaml

from bot.domain.errors import BadSettings
from bot.domain.shop import shop_from
from bot.settings import ROOT

SETTINGS: dict[str, Any] = yaml.safe_load((ROOT / "shop.yml").read_text("utf-8"))


def due(filed: str, **changes: Any) -> str:
    shop = shop_from({**SETTINGS, "time_zone": "Asia/Riyadh", "weekend": ["friday", "saturday"], **changes})
    moment = datetime.fromisoformat(filed).replace(tzinfo=shop.zone)
    return shop.due_at(moment.astimezone(UTC)).astimezone(shop.zone).strftime("%a %Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("filed", "expected"),
    [
        ("2026-11-22T10:00", "Tue 2026-11-24 10:00"),  # Sunday morning: two working days
        ("2026-11-25T10:00", "Sun 2026-11-29 10:00"),  # Wednesday: the weekend does not count
        ("2026-11-27T10:00", "Tue 2026-12-01 00:00"),  # on a Friday the clock starts at Sunday's midnight
        ("2026-11-24T00:00", "Thu 2026-11-26 00:00"),
        ("2026-11-25T00:00", "Fri 2026-11-27 00:00"),
    ],
)
def test_48_hours_over_working_days(filed: str, expected: str) -> None:
    assert due(filed) == expected


def test_another_weekend_and_another_promise() -> None:
    assert due("2026-11-27T10:00", weekend=["sunday"], first_answer_hours=[12, 24]) == "Sat 2026-11-28 10:00"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"weekend": ["funday"]}, "weekend names \\['funday'\\]"),
        ({"weekend": ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]}, "no working day"),
        ({"colour": "red"}, "unknown entries: colour"),
    ],
)
def test_a_wrong_shop_file_is_refused_with_what_is_wrong(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadSettings, match=sentence):
        shop_from({**SETTINGS, **changes})


def test_a_missing_entry_is_named() -> None:
    with pytest.raises(BadSettings, match="lacks name"):
        shop_from({key: value for key, value in SETTINGS.items() if key != "name"})


def test_the_page_about_privacy_may_be_left_out_and_is_an_address() -> None:
    without = {name: value for name, value in SETTINGS.items() if name != "privacy_url"}
    assert shop_from(without).privacy_url == ""
    assert shop_from(SETTINGS | {"privacy_url": "https://shop.example/privacy"}).privacy_url.endswith("/privacy")
    for address in ("javascript:alert(1)", "shop.example/privacy", "https://shop example"):
        with pytest.raises(BadSettings, match="privacy_url is"):
            shop_from(SETTINGS | {"privacy_url": address})
