"""Models over the wire: a run from the page to its end, the gate's answers, and the report."""

import httpx
import pytest

from bot.domain.model import Objection
from bot.domain.user import Role
from tests.services.workshop import FALLS
from tests.web.site import Site
from tests.web.staff import Colleague

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
WHY = "اتفقنا على هذا التراجع في الاجتماع"


def code(answer: httpx.Response) -> str:
    return answer.json()["error"]["code"]


@pytest.fixture
def noor(site: Site, http: httpx.Client) -> Colleague:
    return Colleague(site, http, Role.ANALYST, "noor", "نور")


@pytest.fixture
def huda(site: Site, http: httpx.Client) -> Colleague:
    return Colleague(site, http, Role.SUPERVISOR, "huda", "هدى")


def test_a_run_is_started_seen_and_cancelled(site: Site, noor: Colleague) -> None:
    site.workshop.lines = ["Starting to train"]
    started = noor.post("/nlu/runs", replay=50)
    assert (started.status_code, started.json()["run"]["margin"]) == (202, 0.05)
    [run] = noor.get("/nlu/runs").json()["runs"]
    assert (run["state"], run["by"], run["replay"], run["train"]) == ("waiting", "نور", 50, True)
    again = noor.post("/nlu/runs")
    assert (again.status_code, code(again)) == (422, "run_under_way")
    assert noor.get("/nlu/runs/log").json() == {"lines": ["Starting to train"]}
    assert noor.post("/nlu/runs/cancel").json()["run"]["state"] == "cancelled"
    assert code(noor.post("/nlu/runs/cancel")) == "no_run"


@pytest.mark.parametrize("wanted", [{"replay": -1}, {"replay": 5001}, {"margin": 2}, {"replay": "many"}, {"other": 1}])
def test_what_nobody_can_run_is_refused(noor: Colleague, wanted: dict[str, object]) -> None:
    assert noor.post("/nlu/runs", **wanted).status_code == 422
    assert noor.get("/nlu/runs").json()["runs"] == []


def test_an_analyst_does_not_loosen_the_margin(noor: Colleague, huda: Colleague) -> None:
    assert noor.post("/nlu/runs", margin=0.06).status_code == 403
    assert noor.post("/nlu/runs", margin=0.01).status_code == 202
    noor.post("/nlu/runs/cancel")
    assert huda.post("/nlu/runs", margin=0.2).status_code == 202


def test_from_a_run_to_a_model_that_serves_and_back(site: Site, noor: Colleague) -> None:
    noor.post("/nlu/runs")
    site.runs.work_off()
    assert noor.get("/nlu/runs").json()["runs"][0]["state"] == "done"
    seen = noor.get("/nlu/models").json()
    assert [(one["role"], one["file"]) for one in seen["models"]] == [
        ("candidate", "new.tar.gz"),
        ("live", "live.tar.gz"),
    ]
    assert (seen["against"], seen["margin"], seen["shortest_reason"]) == ([], 0.05, 10)
    assert noor.post("/nlu/models/promote", model="new.tar.gz").status_code == 204
    assert code(noor.post("/nlu/models/promote", model="new.tar.gz")) == "not_compared"
    assert noor.post("/nlu/models/rollback", model="live.tar.gz", because="").status_code == 204
    assert [(one["action"], one["by"]) for one in noor.get("/nlu/models").json()["history"]] == [
        ("rolled_back", "noor"),
        ("promoted", "noor"),
    ]


def test_against_objections_a_supervisor_decides_and_says_why(site: Site, noor: Colleague, huda: Colleague) -> None:
    site.workshop.candidate, site.workshop.against = "new.tar.gz", [FALLS]
    against = noor.get("/nlu/models").json()["against"]
    assert against == [{"code": "intent_falls", "values": FALLS.values}]
    refused = noor.post("/nlu/models/promote", model="new.tar.gz", because=WHY)
    assert (refused.status_code, code(refused)) == (403, "forbidden")
    short = huda.post("/nlu/models/promote", model="new.tar.gz", because="لأن")
    assert (short.status_code, code(short)) == (422, "reason_too_short")
    assert site.workshop.live == "live.tar.gz"
    assert huda.post("/nlu/models/promote", model="new.tar.gz", because=WHY).status_code == 204
    assert huda.get("/nlu/models").json()["history"][0]["because"] == WHY


def test_a_report_is_there_or_it_is_not(site: Site, noor: Colleague) -> None:
    site.workshop.reports = {"new.tar.gz": {"replay": None, "questions": 20}}
    found = noor.get("/nlu/models/report", model="new.tar.gz").json()
    assert found == {"report": {"replay": None, "questions": 20}, "said": {}}
    missing = noor.get("/nlu/models/report", model="other.tar.gz")
    assert (missing.status_code, code(missing)) == (404, "model_unknown")


@pytest.mark.parametrize("against", [[], [FALLS]], ids=["nothing against it", "something against it"])
def test_the_gate_by_role(site: Site, http: httpx.Client, against: list[Objection]) -> None:
    statuses = {}
    for role in Role:
        site.workshop.live, site.workshop.candidate, site.workshop.against = "live.tar.gz", "new.tar.gz", against
        one = Colleague(site, http, role, f"one-{role}", str(role))
        statuses[role] = one.post("/nlu/models/promote", model="new.tar.gz", because=WHY).status_code
    assert statuses == {
        Role.AGENT: 403,
        Role.ANALYST: 403 if against else 204,
        Role.SUPERVISOR: 204,
        Role.ADMIN: 204,
    }
