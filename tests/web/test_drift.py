"""The figures of the days over HTTP: for analysts, and a clear sentence where they cannot be shown."""

import httpx
import pytest

from bot.domain.shadow import Guess
from bot.domain.user import Role
from tests.builders import Talk, wait_for
from tests.web.site import Site
from tests.web.staff import Colleague


@pytest.fixture
def noor(site: Site, http: httpx.Client) -> Colleague:
    return Colleague(site, http, Role.ANALYST, "noor", "نور")


def says(talk: Talk, site: Site, text: str) -> None:
    """Say something; the gateway itself runs the turn."""
    talk.say(text)
    wait_for(lambda: site.console.drift.of()["waiting"] == 1)


def test_an_analyst_reads_what_was_counted(noor: Colleague, site: Site, talk: Talk) -> None:
    says(talk, site, "وين طلبي الحين")
    site.console.drift.catch_up()
    told = noor.get("/nlu/drift", days=14).json()
    assert (len(told["days"]), told["read"][-1], told["waiting"], told["moved"]) == (14, 1, 0, None)
    assert [one["what"] for one in told["weeks"]] == ["unsure", "fallback", "new_words", "agreement"]
    assert noor.get("/nlu/drift", variety="iraqi").json()["read"][-1] == 0


@pytest.mark.parametrize(("asked", "status"), [({"days": 3}, 422), ({"variety": "klingon"}, 422), ({"days": "x"}, 422)])
def test_what_cannot_be_shown_is_refused_with_a_sentence(noor: Colleague, asked: dict[str, object], status: int) -> None:
    refused = noor.get("/nlu/drift", **asked)
    assert refused.status_code == status
    assert refused.json()["error"]["message"]


def test_an_analyst_turns_the_shadow_on_and_off_and_sees_where_the_candidate_differs(
    noor: Colleague, site: Site, talk: Talk
) -> None:
    assert noor.get("/nlu/shadow").json()["is_on"] is False
    site.candidate = "new.tar.gz"
    told = noor.post("/nlu/shadow", is_on=True).json()
    assert (told["is_on"], told["by"], told["candidate"], told["read"]) == (True, "noor", "new.tar.gz", 0)
    says(talk, site, "وين طلبي الحين")
    with site.store.write() as work:
        [(message, _)] = work.shadow.unread("new.tar.gz", 0, 9)
        work.shadow.keep("new.tar.gz", {message: Guess("not_received", 0.8, 4.0)}, site.clock())
        work.commit()
    told = noor.get("/nlu/shadow").json()
    assert (told["read"], told["agreed"], told["pairs"]) == (1, 0, [["late_delivery", "not_received", 1]])
    assert [(one["text"], one["shadow"]) for one in told["differences"]] == [("وين طلبي الحين", "not_received")]
    assert noor.post("/nlu/shadow", is_on=False).json()["is_on"] is False
    assert noor.post("/nlu/shadow", is_on="maybe").status_code == 422
