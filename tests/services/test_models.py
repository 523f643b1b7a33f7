"""Who lets which model serve: nothing against it and anybody may who trains; otherwise a supervisor, who says why."""

import pytest

from bot.domain.errors import Forbidden, ModelUnknown, NotAllowed
from bot.domain.model import Objection
from bot.domain.user import Role, User
from bot.services.models import Models
from bot.store.unit_of_work import Store
from tests.builders import Talk
from tests.conftest import Clock
from tests.services.staff import a_user, users_of
from tests.services.workshop import FALLS, FakeWorkshop

WHY = "الأسئلة قديمة ولا تمثل ما يُكتب الآن"


@pytest.fixture
def workshop() -> FakeWorkshop:
    return FakeWorkshop(candidate="new.tar.gz", against=[], past=["old.tar.gz"])


@pytest.fixture
def models(store: Store, workshop: FakeWorkshop) -> Models:
    return Models(store, workshop)


@pytest.fixture
def people(store: Store, clock: Clock) -> dict[Role, User]:
    users = users_of(store, clock)
    return {role: a_user(users, role, f"one-{role}", str(role)) for role in Role}


@pytest.mark.parametrize("against", [[], [FALLS]], ids=["nothing against it", "something against it"])
@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("because", ["", "قصير", WHY])
def test_roles_times_objections_times_reasons(
    models: Models, workshop: FakeWorkshop, people: dict[Role, User], role: Role, against: list[Objection], because: str
) -> None:
    workshop.against = against
    trains, overrides = role is not Role.AGENT, role in (Role.SUPERVISOR, Role.ADMIN)
    if not trains or (against and not overrides):
        with pytest.raises(Forbidden):
            models.promote(people[role], "new.tar.gz", because)
    elif against and because != WHY:
        with pytest.raises(NotAllowed) as refused:
            models.promote(people[role], "new.tar.gz", because)
        assert refused.value.code == "reason_too_short"
    else:
        models.promote(people[role], "new.tar.gz", because)
        [one] = models.history()
        assert (one.action, one.by, one.because) == ("promoted", f"one-{role}", WHY if against else "")
        assert workshop.live == "new.tar.gz"
        return
    assert (workshop.live, models.history()) == ("live.tar.gz", [])


def test_a_candidate_nobody_compared_stays_one_whoever_asks(
    models: Models, workshop: FakeWorkshop, people: dict[Role, User]
) -> None:
    workshop.against = None
    with pytest.raises(NotAllowed) as refused:
        models.promote(people[Role.ADMIN], "new.tar.gz", WHY)
    assert (refused.value.code, workshop.live) == ("not_compared", "live.tar.gz")


def test_what_was_decided_about_another_model_is_refused(
    models: Models, workshop: FakeWorkshop, people: dict[Role, User]
) -> None:
    noor = people[Role.ANALYST]
    for decide in (models.promote, models.roll_back):
        with pytest.raises(NotAllowed) as refused:
            decide(noor, "other.tar.gz")
        assert refused.value.code == "model_changed"
    models.roll_back(noor, "old.tar.gz", "  رجعنا  ")
    assert (workshop.live, models.history()[0].because) == ("old.tar.gz", "رجعنا")
    with pytest.raises(NotAllowed):
        models.roll_back(noor, "old.tar.gz")
    with pytest.raises(Forbidden):
        models.roll_back(people[Role.AGENT], "older.tar.gz")


def test_a_report_comes_with_what_shoppers_said_and_leaves_out_what_was_erased(
    models: Models, workshop: FakeWorkshop, talk: Talk, store: Store
) -> None:
    talk.ask("وين طلبي")
    with store.read() as work:
        [(number, _)] = work.labels.newest(5)
    differences = [{"utterance": number}, {"utterance": number + 1}]
    workshop.reports = {"new.tar.gz": {"replay": {"differences": differences}}, "old.tar.gz": {"replay": None}}
    assert models.report("new.tar.gz")[1] == {number: "وين طلبي"}
    assert models.report("old.tar.gz")[1] == {}
    with pytest.raises(ModelUnknown):
        models.report("../live.json")
