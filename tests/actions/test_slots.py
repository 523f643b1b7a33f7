"""What will do for each slot, what will not and why, and what a message offers besides the answer."""

from datetime import UTC, datetime, timedelta

import pytest

from actions import slots
from actions.ask import Said
from actions.slots import candidates, valid
from bot.bootstrap import Services
from bot.domain.complaint import Kind, Remedy
from bot.domain.draft import SLOTS, Draft
from bot.language.dates import DateProblem
from bot.services.fields import VALIDATE, Unclear

pytestmark = pytest.mark.usefixtures("services")


def a_draft(**values: str) -> Draft:
    draft = Draft("d", "c", datetime(2026, 11, 22, tzinfo=UTC))
    for slot, value in values.items():
        draft.put(slot, value, value)
    return draft


def said(text: str, intent: str = "inform", asked: str | None = None, *, tapped: bool = False, **entities: str) -> Said:
    return Said(text, intent, asked, tapped, [{"entity": name, "value": value} for name, value in entities.items()])


@pytest.mark.parametrize(
    ("slot", "raw", "value"),
    [
        *(("complaint_kind", kind.value, kind.value) for kind in Kind),
        ("order_number", "405-1234567-1234567", "405-1234567-1234567"),
        ("order_number", "٤٠٥-١٢٣٤٥٦٧-١٢٣٤٥٦٧", "405-1234567-1234567"),
        ("order_number", "رقمه #10482 على ما أظن", "10482"),
        ("order_number", "ab12345", "AB12345"),
        ("product", "  سماعة", "  سماعة"),
        ("product", "tv", "tv"),
        ("product", "م" * 120, "م" * 120),
        ("description", "ما وصل", "ما وصل"),
        *(("remedy", remedy.value, remedy.value) for remedy in Remedy),
        ("remedy", "أبغى فلوسي", "refund"),
        ("remedy", "علّموا السايق كيف يتكلم", "other"),
        ("remedy", "بدلوه لي", "replacement"),
        ("contact", "0501234567", "+966501234567"),
        ("contact", "٠٥٠١٢٣٤٥٦٧", "+966501234567"),
        ("contact", "راسلوني Me@Shop.SA", "me@shop.sa"),
        ("seller", " واحة ", "واحة"),
        ("amount", "350 SAR ", "350 SAR"),
    ],
)
def test_what_will_do(slot: str, raw: str, value: str) -> None:
    assert valid(slot, raw) == value


@pytest.mark.parametrize(
    ("raw", "days_ago"), [("أمس", 1), ("قبل أسبوعين", 14), ("من ٣ أيام", 3), ("اليوم", 0), ("امبارح", 1), ("البارح", 1)]
)
def test_a_date_in_words_is_stored_as_a_day(raw: str, days_ago: int) -> None:
    assert valid("purchase_date", raw) == (slots.today() - timedelta(days=days_ago)).isoformat()


def test_a_hijri_date_is_stored_as_a_gregorian_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "today", lambda: datetime(2026, 11, 22, tzinfo=UTC).date())
    assert valid("purchase_date", "1 رمضان 1447") == "2026-02-18"


@pytest.mark.parametrize(
    ("slot", "raw", "reason"),
    [
        ("complaint_kind", "", "unclear"),
        ("complaint_kind", "greet", "unclear"),
        ("order_number", "لا أعرف", "unreadable"),
        ("order_number", "12", "unreadable"),
        ("order_number", "0501234567", "unreadable"),
        ("purchase_date", "لا أذكر", "none_found"),
        ("purchase_date", "بكرة", "future"),
        ("purchase_date", "قبل عشر سنوات", "too_old"),
        ("purchase_date", "31/2/2026", "impossible"),
        ("product", "؟", "unreadable"),
        ("product", "5", "unreadable"),
        ("product", "م" * 121, "unreadable"),
        ("description", "مكسور", "too_short"),
        ("description", "", "too_short"),
        ("remedy", "ما أدري", "unclear"),
        ("remedy", "وليه محتاجين كل ده", "unclear"),
        ("contact", "كلموني", "unreadable"),
        ("contact", "12345", "unreadable"),
    ],
)
def test_what_will_not_do_and_why(slot: str, raw: str, reason: str) -> None:
    with pytest.raises(Unclear) as refusal:
        valid(slot, raw)
    assert refusal.value.reason == reason


def test_every_problem_of_a_date_is_among_those_refusals() -> None:
    assert {problem.value for problem in DateProblem} == {"none_found", "future", "too_old", "impossible"}


def test_every_slot_of_the_record_has_its_validation() -> None:
    assert set(VALIDATE) == set(SLOTS)


def test_the_shops_own_pattern_and_region_are_used(services: Services) -> None:
    assert services.shop.region == "SA"
    assert valid("contact", "920012345") == "+966920012345"


@pytest.mark.parametrize(
    ("message", "draft", "offered"),
    [
        # an opening gives its kind, and tells what happened if it is long enough
        (said("طلبي تأخر", "late_delivery"), a_draft(), {"complaint_kind": "late_delivery"}),
        (
            said("طلبي تأخر أسبوع كامل ولا خبر", "late_delivery"),
            a_draft(),
            {"complaint_kind": "late_delivery", "description": "طلبي تأخر أسبوع كامل ولا خبر"},
        ),
        (said("أبغى أقدم شكوى عندكم اليوم لو سمحت", "file_complaint"), a_draft(), {}),
        (said("/late_delivery", "late_delivery", tapped=True), a_draft(), {"complaint_kind": "late_delivery"}),
        # mentions fill what is open, and do not replace what was given
        (
            said("12345 سماعة", asked="remedy", order_number="12345"),
            a_draft(),
            {"remedy": "12345 سماعة", "order_number": "12345"},
        ),
        (said("12345", asked="description", order_number="12345"), a_draft(order_number="99999"), {"description": "12345"}),
        (
            said("الرقم 12345", "correct_details", "remedy", order_number="12345"),
            a_draft(order_number="99999"),
            {"order_number": "12345"},
        ),
        # a long answer around a product: the product is in it; a short one is the product
        (
            said("والله أنا كنت طالب من عندكم سماعة بلوتوث", asked="product", product="سماعة بلوتوث"),
            a_draft(),
            {"product": "سماعة بلوتوث"},
        ),
        (said("سماعة بلوتوث سوداء", asked="product", product="سماعة"), a_draft(), {"product": "سماعة بلوتوث سوداء"}),
        # a date is the purchase's only where it is said to be
        (said("وعدوني يوم الخميس", asked="remedy", date="الخميس"), a_draft(), {"remedy": "وعدوني يوم الخميس"}),
        (said("اشتريته أمس", asked="product", date="أمس"), a_draft(), {"product": "اشتريته أمس", "purchase_date": "أمس"}),
        (
            said("لا، أمس", "correct_details", "confirmed", date="أمس"),
            a_draft(purchase_date="2026-01-01"),
            {"purchase_date": "أمس"},
        ),
        # phone or e-mail, seller and amount are kept where they are mentioned
        (
            said("شي", "faq", phone="+966501234567", seller="واحة", amount="50 SAR"),
            a_draft(),
            {"contact": "+966501234567", "seller": "واحة", "amount": "50 SAR"},
        ),
        # what is not an answer is none
        (said("لا أعرف", "skip", "order_number"), a_draft(), {}),
        (said("/skip", "inform", "order_number", tapped=True), a_draft(), {}),
    ],
)
def test_what_a_message_offers(message: Said, draft: Draft, offered: dict[str, str]) -> None:
    assert candidates(message, draft) == offered


def test_a_time_is_read_back_in_the_shoppers_own_words() -> None:
    text, read = "اتصلوا بي الساعة ٥ العصر لو سمحتم", {"entity": "date", "value": "الساعه 5 العصر"}
    placed = read | {"start": text.index("الساعة"), "end": text.index(" لو")}
    assert Said(text, "request_callback", None, False, [placed]).words_of("date") == "الساعة ٥ العصر"
    assert Said(text, "request_callback", None, False, [read]).words_of("date") == "الساعه 5 العصر"
    assert Said(text, "request_callback", None, False, [placed]).words_of("product") is None
