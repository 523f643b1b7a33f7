"""Every way to see a transcript in the console leaves a line, and the admin alone reads them."""

from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import sqlalchemy as sa

from bot.domain.complaint import Complaint
from bot.domain.label import Utterance
from bot.domain.user import Role
from bot.store import tables
from bot.store.unit_of_work import Store
from tests.web.site import Shopper, Site
from tests.web.staff import Colleague


def lines(site: Site) -> list[tuple[str, str, str]]:
    return [(line.by, str(line.action), line.subject) for line in reversed(site.console.audit.page().lines)]


def test_opening_a_conversation_leaves_one_line_however_much_the_page_asks_for(
    site: Site, http: httpx.Client, shopper: Shopper
) -> None:
    sara = Colleague(site, http)
    shopper.say("طلبي تأخر")
    shopper.answered(2)
    assert sara.get("/queue").is_success
    assert lines(site) == []
    for _ in range(2):
        sara.get(f"/conversations/{shopper.conversation}")
        sara.get(f"/conversations/{shopper.conversation}/messages")
    assert lines(site) == [("sara", "read", shopper.conversation)]


def test_the_live_transcript_leaves_a_line_and_what_nobody_said_none(site: Site) -> None:
    with site.serve() as http:
        shopper, sara = Shopper(http), Colleague(site, http)
        sara.get(f"/conversations/{'0' * 32}")
        sara.get(f"/conversations/{'0' * 32}/messages")
        assert lines(site) == []
        with sara.listen(shopper.conversation) as stream:
            stream.next()
        assert lines(site) == [("sara", "read", shopper.conversation)]


def test_a_complaint_a_search_a_saved_list_and_an_utterance_leave_theirs(
    site: Site, http: httpx.Client, shopper: Shopper, a_complaint: Callable[..., Complaint], store: Store
) -> None:
    huda = Colleague(site, http, Role.SUPERVISOR, "huda", "هدى")
    noor = Colleague(site, http, Role.ANALYST, "noor", "نور")
    filed, said = a_complaint(), shopper.say("طلبي تأخر")
    huda.get(f"/complaints/{filed.number}")
    assert [one["conversation_id"] for one in huda.get("/messages", text="تأخر").json()["messages"]] == [
        shopper.conversation
    ]
    huda.get("/messages", text="لا شيء من هذا")
    assert huda.get("/complaints.csv").is_success
    with store.engine.connect() as connection:
        query = sa.select(tables.message.c.id).filter_by(client_id=said["client_id"])
        message_id = connection.execute(query).scalar_one()
    with store.write() as work:
        at = datetime(2026, 11, 22, tzinfo=UTC)
        kept = work.labels.note(Utterance("طلبي", "طلبي تأخر", "late_delivery", 0.9, "m", at, at), message_id)
        work.commit()
    assert len(noor.get(f"/nlu/utterances/{kept.id}/seen").json()["seen"]) == 1
    assert lines(site) == [
        ("huda", "read", filed.conversation_id),
        ("huda", "found", shopper.conversation),
        ("huda", "listed", ""),
        ("noor", "seen_in", shopper.conversation),
    ]
    assert site.console.audit.page(filed.conversation_id).lines[0].details == {"complaint": filed.number}


def test_who_changes_users_is_kept_without_a_password(site: Site, http: httpx.Client) -> None:
    admin = Colleague(site, http, Role.ADMIN, "badr", "بدر")
    told = admin.post("/users", login="omar", name="عمر", role="agent").json()
    admin.post("/users/omar/disable")
    admin.post("/users/omar/enable")
    fresh = admin.post("/users/omar/password").json()["password"]
    assert [line[:2] for line in lines(site)] == [
        ("badr", "user_added"), ("badr", "user_disabled"), ("badr", "user_enabled"), ("badr", "password_reset"),
    ]  # fmt: skip
    answer = admin.get("/audit")
    assert {line["subject"] for line in answer.json()["lines"]} == {"omar"}
    assert told["password"] not in answer.text
    assert fresh not in answer.text


def test_the_audit_is_read_a_page_at_a_time_and_by_whom_it_is_about(site: Site, http: httpx.Client) -> None:
    admin = Colleague(site, http, Role.ADMIN, "badr", "بدر")
    sara = Colleague(site, http)
    conversations = [site.chat.open("widget").conversation_id for _ in range(52)]
    for conversation in conversations:
        sara.get(f"/conversations/{conversation}")
    first = admin.get("/audit", by="SARA").json()
    rest = admin.get("/audit", by="sara", before=first["before"]).json()
    assert [line["subject"] for line in first["lines"] + rest["lines"]] == conversations[::-1]
    assert rest["before"] is None
    [one] = admin.get("/audit", subject=conversations[7]).json()["lines"]
    assert (one["by"], one["action"], one["at"]) == ("sara", "read", "2026-11-22T09:00:00Z")
    assert sara.get("/audit").status_code == 403
