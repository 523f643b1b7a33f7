"""The analysts' routes: files come into the inbox after a look, the inbox is filtered, a reading is explained."""

from typing import Any

import httpx
import pytest

from bot.domain.errors import EngineDown
from bot.domain.imports import MOST_BYTES
from bot.domain.user import Role
from bot.services.words import Words
from tests.web.site import HELD_OUT, Site
from tests.web.staff import Colleague

SHEET = f"text,label\nطلبي تأخر أسبوعين,late_delivery\nوصلت مكسورة,broken_thing\n{HELD_OUT},late_delivery\n"


@pytest.fixture
def noor(site: Site, http: httpx.Client) -> Colleague:
    return Colleague(site, http, Role.ANALYST, "noor", "نور")


def handed_in(who: Colleague, content: bytes, path: str = "", **params: Any) -> httpx.Response:
    params = {"name": "a.csv"} | params
    return who.http.post(f"/console/api/nlu/import{path}", content=content, params=params, headers=who.headers)


def inbox(who: Colleague, **params: Any) -> dict[str, dict[str, Any]]:
    return {one["text"]: one for one in who.get("/nlu/inbox", **params).json()["utterances"]}


def test_a_file_is_shown_and_changes_nothing_before_it_is_written(noor: Colleague) -> None:
    shown = handed_in(noor, SHEET.encode(), "/preview").json()
    assert shown["fates"] == {"new": 2, "labelled": 0, "known": 0, "conflict": 0, "refused": 1}
    assert shown["unknown"] == {"broken_thing": 1}
    [refused] = shown["lines"]
    assert (refused["text"], refused["line"], refused["reason"]) == (HELD_OUT, 4, "held_out")
    assert inbox(noor) == {}


def test_a_written_file_stands_in_the_inbox_and_changes_nothing_twice(noor: Colleague) -> None:
    assert handed_in(noor, SHEET.encode()).json()["fates"]["new"] == 2
    kept = inbox(noor)
    assert {text: one["suggestion"] for text, one in kept.items()} == {
        "طلبي تأخر أسبوعين": "late_delivery", "وصلت مكسورة": None,
    }  # fmt: skip
    assert handed_in(noor, SHEET.encode()).json()["fates"] == {
        "new": 0,
        "labelled": 0,
        "known": 2,
        "conflict": 0,
        "refused": 1,
    }
    assert inbox(noor) == kept


def test_labels_of_a_file_are_accepted_where_that_is_asked_for(noor: Colleague) -> None:
    handed_in(noor, SHEET.encode(), accept="true")
    assert {text: one["label"] for text, one in inbox(noor, state="accepted").items()} == {
        "طلبي تأخر أسبوعين": "late_delivery"
    }


@pytest.mark.parametrize(
    ("content", "name", "code", "status"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "a.csv", "import_no_text", 422),
        (b"version: '3.1'\nnlu: &a [*a]", "a.yml", "import_unreadable", 422),
        ("[12/3/2026, 10:04] منى: هلا".encode(), "chat.txt", "import_speakers", 422),
        (b"x" * (MOST_BYTES + 1), "a.csv", "import_too_large", 422),
        (b"x" * (MOST_BYTES + 70_000), "a.csv", "import_too_large", 413),
    ],
)
def test_a_file_that_cannot_come_in_is_refused_in_words(
    noor: Colleague, words: Words, content: bytes, name: str, code: str, status: int
) -> None:
    for path in ("", "/preview"):
        answer = handed_in(noor, content, path, name=name)
        assert (answer.status_code, answer.json()["error"]) == (status, {"code": code, "message": words.errors[code]})
    assert inbox(noor) == {}


def test_the_inbox_is_filtered_by_what_the_address_asks_for(noor: Colleague) -> None:
    handed_in(noor, SHEET.encode())
    assert set(inbox(noor, look="corrected")) == {"طلبي تأخر أسبوعين"}
    assert set(inbox(noor, look="not_understood")) == set(inbox(noor, intent="late_delivery")) == set()
    assert set(inbox(noor, intent="greet", days=1)) == {"طلبي تأخر أسبوعين", "وصلت مكسورة"}
    for refused in ({"look": "whatever"}, {"days": "-1"}, {"days": "99999"}):
        assert noor.get("/nlu/inbox", **refused).status_code == 422


def test_the_inbox_knows_the_variety_of_what_was_said(noor: Colleague) -> None:
    handed_in(noor, "text\nابغى فلوسي الحين\nعايز فلوسي دلوقتي\n".encode())
    assert {text: one["variety"] for text, one in inbox(noor).items()} == {
        "ابغى فلوسي الحين": "gulf", "عايز فلوسي دلوقتي": "egyptian",
    }  # fmt: skip
    assert set(inbox(noor, variety="egyptian")) == {"عايز فلوسي دلوقتي"}


def test_a_reading_is_explained_by_the_words_that_decided(site: Site, noor: Colleague) -> None:
    handed_in(noor, "text\nطلبي تأخر\n".encode())
    [one] = inbox(noor).values()
    why = noor.get(f"/nlu/utterances/{one['id']}/why")
    assert why.json() == {"words": [{"text": "طلبي", "share": 0.5}, {"text": "تأخر", "share": 0.5}]}
    assert noor.get("/nlu/utterances/999/why").json()["error"]["code"] == "utterance_unknown"
    site.engine.broken = EngineDown("nobody there")
    refused = noor.get(f"/nlu/utterances/{one['id']}/why")
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "engine_down")


def test_training_data_is_examined_and_mended(site: Site, noor: Colleague) -> None:
    file = site.folder / "project" / "data" / "nlu" / "own.yml"
    file.parent.mkdir(parents=True)
    file.write_text('version: "3.1"\n\nnlu:\n- intent: greet\n  examples: |\n    - طلبي متأخر\n    - هلا\n', "utf-8")
    assert noor.get("/nlu/health").json() == {"running": False, "failed": False, "outdated": False, "health": None}
    assert noor.post("/nlu/health").status_code == 202
    site.health.wait()
    state = noor.get("/nlu/health").json()
    assert (state["running"], state["health"]["too_few"]) == (False, [["greet", 2]])
    assert [(one["text"], one["guess"], one["from_inbox"]) for one in state["health"]["misread"]] == [
        ("طلبي متأخر", "late_delivery", False), ("هلا", "late_delivery", False),
    ]  # fmt: skip
    left = noor.post("/nlu/health/mend", act="move", text="طلبي متأخر", under="greet", label="late_delivery").json()
    assert [one["text"] for one in left["health"]["misread"]] == ["هلا"]
    assert noor.post("/nlu/health/mend", act="approve", text="هلا", under="greet").json()["health"]["misread"] == []
    assert file.read_text("utf-8").endswith("    - هلا\n\n- intent: late_delivery\n  examples: |\n    - طلبي متأخر\n")
    for wrong, code in (
        ({"act": "move", "text": "هلا", "under": "greet", "label": "nothing"}, "label_unknown"),
        ({"act": "remove", "text": "ليست هنا", "under": "greet"}, "sentence_gone"),
        ({"act": "explode", "text": "هلا", "under": "greet"}, "invalid"),
    ):
        refused = noor.post("/nlu/health/mend", **wrong)
        assert (refused.status_code, refused.json()["error"]["code"]) == (422, code)
