"""The part of a complaint that is to be changed is known by its names."""

import pytest

from bot.language.fields import named_channel, named_field, told_contact


@pytest.mark.parametrize(
    ("text", "slot"),
    [
        ("لا، رقم الطلب غلط", "order_number"),
        ("عايز اغير التاريخ", "purchase_date"),
        ("تاريخ الشراء مو صحيح", "purchase_date"),
        ("عدّل رقم جوالي لو سمحت", "contact"),
        ("الايميل مش ده", "contact"),
        ("أبغى أغير المنتج", "product"),
        ("السبب غلط مو تأخير", "complaint_kind"),
        ("بدي غيّر الحل المطلوب", "remedy"),
        ("لا", None),
        ("كله صح", None),
        ("منتجات كثيرة", None),
    ],
)
def test_the_named_field(text: str, slot: str | None) -> None:
    assert named_field(text) == slot


@pytest.mark.parametrize(
    ("text", "channel"),
    [
        ("كلمتهم بالتلفون", "phone"),
        ("أرسلت لهم إيميل", "email"),
        ("رحت الفرع بنفسي", "visit"),
        ("كتبت لهم في تويتر", "social"),
        ("الواتساب", "social"),
        ("ما أدري", None),
    ],
)
def test_the_named_channel(text: str, channel: str | None) -> None:
    assert named_channel(text) == channel


@pytest.mark.parametrize(
    ("text", "channel"),
    [
        ("كلمتهم في التليفون يوم الحد وقالولي استني", "phone"),
        ("كلمتهم واتساب وما ردوا", "social"),
        ("راسلتكم أمس وقلتوا بكرة", "email"),
        ("زرتهم في الفرع وما أفادوني", "visit"),
        ("عندي صورة الإيميل", None),
        ("أبغى أضيف رقم جوالي", None),
    ],
)
def test_a_contact_that_is_told_of(text: str, channel: str | None) -> None:
    assert told_contact(text) == channel
