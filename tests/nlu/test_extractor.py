"""Entities: values by their form, names by what is known of them, offsets into the shopper's own text."""

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.rasa_fixtures import RASA

pytestmark = RASA

LOOKUPS = {"product": ["جوال", "سماعة", "سماعة بلوتوث", "قهوة", "405"], "seller": ["متجر النخبة", "واحة"]}


@pytest.fixture
def extractor(workbench: ModuleType, tmp_path: Path) -> Any:
    marked = [workbench.example("طلبت خلاط يدوي امس", "late_delivery", product="خلاط يدوي")]
    return workbench.extractor(tmp_path, marked, LOOKUPS)


@pytest.fixture
def found(workbench: ModuleType, extractor: Any) -> Any:
    """Returns (entity, surface, value) of what is found in a text; the offsets are checked."""

    def find(text: str) -> list[tuple[str, str, str]]:
        entities = workbench.extracted(extractor, text)
        place = 0
        for entity in entities:
            assert place <= entity["start"] < entity["end"] <= len(text)
            assert entity["extractor"] == "ArabicEntityExtractor"
            place = entity["end"]
        return [(entity["entity"], text[entity["start"] : entity["end"]], entity["value"]) for entity in entities]

    return find


@pytest.mark.parametrize(
    ("text", "entities"),
    [
        ("الجوال ما وصل", [("product", "الجوال", "الجوال")]),
        ("اشتريت شاحن للجوال", [("product", "للجوال", "للجوال")]),
        ("والسماعة خربت", [("product", "والسماعة", "والسماعة")]),
        ("السماعه خربت", [("product", "السماعه", "السماعه")]),
        ("سماعة بلوتوث", [("product", "سماعة بلوتوث", "سماعة بلوتوث")]),
        ("خلاط يدوي", [("product", "خلاط يدوي", "خلاط يدوي")]),
        ("الخلاط اليدوي", [("product", "الخلاط اليدوي", "الخلاط اليدوي")]),
        ("من متجر النخبة", [("seller", "متجر النخبة", "متجر النخبة")]),
        ("جوالات كثيرة", []),
        ("خلاط", []),
    ],
)
def test_names_are_known_from_lookups_and_from_marked_examples(found: Any, text: str, entities: list[Any]) -> None:
    assert found(text) == entities


@pytest.mark.parametrize(
    ("text", "entities"),
    [
        ("طلبي 405-1234567-1234567", [("order_number", "405-1234567-1234567", "405-1234567-1234567")]),
        ("رقم الطلب ٤٠٥-١٢٣٤٥٦٧-١٢٣٤٥٦٧", [("order_number", "٤٠٥-١٢٣٤٥٦٧-١٢٣٤٥٦٧", "405-1234567-1234567")]),
        ("me@shop.sa", [("email", "me@shop.sa", "me@shop.sa")]),
        ("جوالي 0501234567", [("product", "جوالي", "جوالي"), ("phone", "0501234567", "+966501234567")]),
        ("دفعت ٣٥٠ ريال", [("amount", "٣٥٠ ريال", "350 SAR")]),
        ("أرجعوا فلوسي", [("remedy", "أرجعوا فلوسي", "refund")]),
    ],
)
def test_values_are_known_by_their_form(found: Any, text: str, entities: list[Any]) -> None:
    assert [entity for entity in found(text) if entity[0] != "product"] == [e for e in entities if e[0] != "product"]


def test_a_value_comes_before_a_name_in_the_same_letters(found: Any) -> None:
    """`405` is a name here, and stands inside an order number."""
    assert found("405-1234567-1234567") == [("order_number", "405-1234567-1234567", "405-1234567-1234567")]
    assert found("405 وصل") == [("product", "405", "405")]


def test_everything_in_one_message_in_its_order(found: Any) -> None:
    text = "السلام عليكم 😡 طلبت القهوة من واحة برقم 405-1234567-1234567 ودفعت ٥٠ ريال، راسلوني me@shop.sa"
    assert [(entity, surface) for entity, surface, _ in found(text)] == [
        ("product", "القهوة"),
        ("seller", "واحة"),
        ("order_number", "405-1234567-1234567"),
        ("amount", "٥٠ ريال"),
        ("email", "me@shop.sa"),
    ]


@pytest.mark.parametrize("text", ["", "   ", "ـــ", "ً ٌ", "😡", "\u200f", "ـ جوال ـ"])
def test_odd_texts_are_passed_through(found: Any, text: str) -> None:
    assert [surface for _, surface, _ in found(text)] in ([], ["جوال"])


def test_a_name_with_a_dash_is_found_as_the_tokenizer_cuts_it(workbench: ModuleType, tmp_path: Path) -> None:
    made = workbench.extractor(tmp_path, lookups={"product": ["واي-فاي", "كيبل usb-c"], "seller": []})
    for text in ("مقوي الواي-فاي خربان", "وين كيبل USB-C حقي"):
        names = [entity["value"] for entity in workbench.extracted(made, text)]
        assert len(names) == 1
        assert names[0] in text


def test_names_are_kept_with_the_model(workbench: ModuleType, extractor: Any, tmp_path: Path) -> None:
    loaded = workbench.loaded_extractor(tmp_path)
    for text in ("للجوال من متجر النخبة", "خلاط يدوي 405-1234567-1234567"):
        assert workbench.extracted(loaded, text) == workbench.extracted(extractor, text)


def test_the_shops_own_order_numbers_are_found(workbench: ModuleType, tmp_path: Path) -> None:
    shop = tmp_path / "shop.yml"
    shop.write_text("order_number_pattern: 'ZX\\d{3}'\ncurrency: KWD\nregion: KW\n", "utf-8")
    made = workbench.extractor(tmp_path / "model", shop_file=shop)
    values = {entity["entity"]: entity["value"] for entity in workbench.extracted(made, "zx123 و ٥ دينار")}
    assert values == {"order_number": "ZX123", "amount": "5 KWD"}


def test_without_a_shop_file_the_common_form_of_numbers_is_found(workbench: ModuleType, tmp_path: Path) -> None:
    made = workbench.extractor(tmp_path, shop_file=tmp_path / "none.yml")
    assert [entity["entity"] for entity in workbench.extracted(made, "405-1234567-1234567")] == ["order_number"]


def test_entities_found_before_are_kept(workbench: ModuleType, extractor: Any) -> None:
    from rasa.shared.nlu.constants import ENTITIES
    from rasa.shared.nlu.training_data.message import Message

    message = Message.build("مرحبا")
    message.set(ENTITIES, [{"entity": "field", "value": "product"}])
    assert extractor.process([message])[0].get(ENTITIES) == [{"entity": "field", "value": "product"}]
