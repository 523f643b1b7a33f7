"""The complaint's file: all a shopper may hand on, to whoever has its link and to nobody else."""

import re
from datetime import timedelta
from html import unescape

import httpx
import pytest

from bot.domain.complaint import Complaint, Level
from bot.domain.names import Kind
from bot.services.complaints import Complaints
from bot.services.drafts import Drafts, Given
from bot.services.life import ComplaintLife
from bot.services.words import Words
from tests.builders import Talk
from tests.conftest import Clock
from tests.web.site import Site

EVIL = "<script>alert(1)</script> \"' \u202e مقلوب"
GIVEN = {
    "complaint_kind": "damaged_item",
    "order_number": "405-1234567-1234567",
    "purchase_date": "2026-11-01",
    "product": "ثلاجة",
    "description": f"وصلت الثلاجة مكسورة {EVIL}",
    "remedy": "replacement",
    "contact": "+966501234567",
    "seller": "دار الأجهزة",
    "amount": "١٩٠٠ ريال",
}


@pytest.fixture
def complaint(talk: Talk, drafts: Drafts, complaints: Complaints, life: ComplaintLife, clock: Clock) -> Complaint:
    draft = drafts.open(talk.id, None)
    drafts.record(draft.id, [Given(slot, value) for slot, value in GIVEN.items()], [], {}, None)
    number = complaints.file(draft.id, None).number
    clock.turn(hours=1)
    called = clock() - timedelta(days=3)
    life.mention_evidence(number, "صورة للباب المكسور", talk.id, None)
    life.log_contact(number, talk.id, "phone", "قبل ثلاث أيام العصر", called, "رد علي فهد ووعدني", None)
    return life.escalate(number, talk.id, Level.SUPERVISOR, "فسد طعامنا كله", "ثلاجة جديدة", None)


def page_of(http: httpx.Client, site: Site, complaint: Complaint) -> httpx.Response:
    return http.get(site.files.link(complaint).removeprefix("http://gateway"))


def text_of(html: str) -> str:
    """What is read on a page, in its order."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def test_everything_known_is_on_it(http: httpx.Client, site: Site, complaint: Complaint, words: Words) -> None:
    response = page_of(http, site, complaint)
    assert response.status_code == 200
    text = text_of(response.text)
    shown = [
        complaint.number, "+966501234567", site.shop.name, site.shop.phone, site.shop.email, "دار الأجهزة", "١٩٠٠ ريال",
        "405-1234567-1234567", "الأحد 1 نوفمبر 2026 (1448-05-21 هـ)", "ثلاجة", "استبدال المنتج", "ثلاجة جديدة",
        "فسد طعامنا كله",
        "صورة للباب المكسور", "رد علي فهد ووعدني", "قبل ثلاث أيام العصر", words.levels["supervisor"],
        words.statuses[complaint.status], site.shop.authority_name, site.shop.authority_phone, "15 يومًا", "24 شهرًا",
    ]  # fmt: skip
    assert [one for one in shown if one not in text] == []


def test_what_happened_stands_in_its_order(http: httpx.Client, site: Site, complaint: Complaint) -> None:
    text = text_of(page_of(http, site, complaint).text)
    lines = ["رد علي فهد ووعدني", "سُجِّلت الشكوى", "ذُكر ما يُثبت الشكوى", "رُفعت الشكوى إلى مستوى"]
    places = [text.index(line) for line in lines]
    assert places == sorted(places)


def test_what_a_shopper_wrote_is_text(http: httpx.Client, site: Site, complaint: Complaint) -> None:
    html = page_of(http, site, complaint).text
    assert "<script>alert" not in html
    assert EVIL in unescape(html)


@pytest.mark.parametrize("secret", ["x", "a" * 32, "a" * 500, "..%2F..", "%00", "ملف", "' OR 1=1 --"])
def test_no_other_address_opens_a_file(http: httpx.Client, complaint: Complaint, secret: str) -> None:
    response = http.get(f"/complaints/file/{secret}")
    assert response.status_code == 404
    assert complaint.number not in response.text


def test_a_wrong_address_is_told_in_a_page(http: httpx.Client, words: Words) -> None:
    response = http.get("/complaints/file/nobody")
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert words.file["unknown"] in response.text


def test_nobody_keeps_or_finds_it(http: httpx.Client, site: Site, complaint: Complaint) -> None:
    headers = page_of(http, site, complaint).headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-robots-tag"] == "noindex, nofollow"
    assert headers["referrer-policy"] == "no-referrer"


def test_addresses_are_not_tried_by_the_thousand(http: httpx.Client) -> None:
    assert {http.get(f"/complaints/file/{nth}").status_code for nth in range(200)} == {404, 429}


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_has_its_rights_in_the_shops_terms(words: Words, site: Site, kind: Kind) -> None:
    rights = words.rights_of(kind, site.shop)
    assert len(rights) > len(words.rights["every"])
    assert not [right for right in rights if "{" in right]
