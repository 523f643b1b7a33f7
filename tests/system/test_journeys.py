"""Whole complaints through the real processes, by the widget's protocol and by the REST form."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from bot.bootstrap import load_shop
from bot.settings import ROOT
from tests.system.running import System
from tests.system.shoppers import RestShopper, Shopper, Tap, WidgetShopper, complain

pytestmark = pytest.mark.system

SHOP = load_shop(ROOT / "shop.yml")
TELLS_MUCH = "السماعة وصلت مكسورة وما تشتغل، شريتها قبل أسبوع وأبغى فلوسي"
TELLS_LITTLE = "يا جماعة الأوردر بتاعي اتأخر أوي ولسه موصلش لحد دلوقتي"

SAUDI: dict[str, str | Tap] = {
    "order_number": "رقم الطلب ٤٠٥-١٢٣٤٥٦٧-٧٦٥٤٣٢١",
    "contact": "جوالي 0501234567",
    "confirmed": "ايه أرسلها",
}
EGYPTIAN: dict[str, str | Tap] = {
    "order_number": "رقم الأوردر 20458813",
    "purchase_date": "من أسبوعين",
    "product": "خلاط مولينكس",
    "remedy": "عايز فلوسي ترجعلي",
    "contact": "mona.adel@example.com",
    "confirmed": Tap("نعم، أرسلها"),
}
SAUDI_RECORD = {
    "kind": "damaged_item", "order_number": "405-1234567-7654321", "purchase_date_typed": "قبل أسبوع",
    "product": "السماعة", "description": TELLS_MUCH, "remedy": "refund", "contact": "+966501234567",
}  # fmt: skip
EGYPTIAN_RECORD = {
    "kind": "late_delivery", "order_number": "20458813", "purchase_date_typed": "من أسبوعين", "product": "خلاط مولينكس",
    "description": TELLS_LITTLE, "remedy": "refund", "contact": "mona.adel@example.com",
}  # fmt: skip
UNTOUCHED = {
    "seller": None, "amount": None, "prior_contact": None, "evidence": [], "status": "submitted", "level": "first_line",
    "severity": "normal", "expected": None, "affected": None, "first_answered_at": None, "closed_at": None,
}  # fmt: skip


@pytest.mark.parametrize("channel", [WidgetShopper, RestShopper])
@pytest.mark.parametrize(
    ("opening", "answers", "record", "days_ago"),
    [
        pytest.param(TELLS_MUCH, SAUDI, SAUDI_RECORD, 7, id="saudi"),
        pytest.param(TELLS_LITTLE, EGYPTIAN, EGYPTIAN_RECORD, 14, id="egyptian"),
    ],
)
def test_a_complaint_is_filed_from_what_was_told_and_what_was_missing(
    system: System,
    channel: type[Shopper],
    opening: str,
    answers: dict[str, str | Tap],
    record: dict[str, Any],
    days_ago: int,
) -> None:
    with channel(system) as shopper:
        asked, last = complain(shopper, opening, answers)
    assert asked == list(answers)
    shown = system.complaint(last.custom["complaint_number"])
    filed = datetime.fromisoformat(shown.pop("created_at"))
    assert datetime.now(UTC) - filed < timedelta(minutes=1)
    assert shown == {
        **record,
        **UNTOUCHED,
        "number": last.custom["complaint_number"],
        "purchase_date": (filed.astimezone(SHOP.zone).date() - timedelta(days=days_ago)).isoformat(),
        "due_at": SHOP.due_at(filed).isoformat(),
        "timeline": [{"at": filed.isoformat(), "actor": "shopper", "action": "filed", "detail": {"skipped": []}}],
    }
    assert shown["number"] in last.text


def test_the_summary_shows_what_will_be_filed_and_a_line_of_it_can_be_changed(system: System) -> None:
    with WidgetShopper(system) as shopper:
        shopper.answer(TELLS_MUCH)
        shopper.answer(SAUDI["order_number"])
        summary = {line["slot"]: line for line in shopper.answer(SAUDI["contact"]).custom["summary"]}
        assert summary["order_number"]["value"] == "405-1234567-7654321"
        assert summary["product"]["value"] == "السماعة"
        shopper.replies(shopper.send(choice=summary["order_number"]["edit"]))
        assert shopper.last[-1].asks == "order_number"
        asked, last = complain(shopper, "20458813", SAUDI)
    assert asked == ["confirmed"]
    filed = system.complaint(last.custom["complaint_number"])
    assert (filed["order_number"], filed["contact"]) == ("20458813", "+966501234567")


def test_a_repeated_confirmation_does_not_file_twice(system: System) -> None:
    with WidgetShopper(system) as shopper:
        shopper.answer(TELLS_MUCH)
        shopper.answer(SAUDI["order_number"])
        shopper.answer(SAUDI["contact"])
        yes, client_id = shopper.choice("نعم، أرسلها"), str(uuid.uuid4())
        seq = shopper.send(client_id=client_id, choice=yes)
        assert shopper.send(client_id=client_id, choice=yes) == seq
        again = shopper.send(choice=yes)
        shopper.replies(again)
        shopper.answer("نعم")
        numbers = [
            one["custom"]["complaint_number"] for one in shopper.messages if "complaint_number" in one.get("custom", {})
        ]
    assert len(numbers) == 1
    assert system.filed_in(shopper.conversation) == numbers


def test_ten_shoppers_at_once_each_get_a_number_of_their_own(system: System) -> None:
    def file(nth: int) -> tuple[str, str]:
        with RestShopper(system) as shopper:
            _, last = complain(shopper, TELLS_MUCH, {**SAUDI, "order_number": f"405-1234567-{nth:07}"})
        return last.custom["complaint_number"], f"405-1234567-{nth:07}"

    with ThreadPoolExecutor(10) as shoppers:
        filed = dict(shoppers.map(file, range(10)))
    assert len(filed) == 10
    assert {number: system.order_of(number) for number in filed} == filed


def test_two_channels_never_meet(system: System) -> None:
    """A sender that calls itself by the id of another's conversation gets one of its own."""
    with WidgetShopper(system) as one, RestShopper(system) as other:
        one.answer(TELLS_MUCH)
        other.sender = one.conversation
        assert other.answer("نعم").asks is None
        assert len(one.history()) == 3


def test_the_same_text_under_one_client_id_is_one_message(system: System) -> None:
    with WidgetShopper(system) as shopper:
        client_id = str(uuid.uuid4())
        with ThreadPoolExecutor(5) as senders:
            numbers = set(senders.map(lambda _: shopper.send(client_id=client_id, text=TELLS_MUCH), range(5)))
        assert numbers == {1}
        body = {"client_id": client_id, "text": TELLS_LITTLE}
        refused = shopper.http.post("/api/messages", json=body, headers=shopper.headers)
        assert (refused.status_code, refused.json()["error"]["code"]) == (httpx.codes.CONFLICT, "client_id_reused")
        assert [reply.asks for reply in shopper.replies(1)] == [None, "order_number"]
