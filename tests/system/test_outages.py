"""Processes are killed in the middle of a complaint: what was said stays said, is answered later, and is filed once."""

import time

import pytest

from tests.system.running import System
from tests.system.shoppers import WidgetShopper, complain
from tests.system.test_journeys import EGYPTIAN, SAUDI, TELLS_LITTLE, TELLS_MUCH
from tests.system.waiting import eventually

pytestmark = pytest.mark.system

ORDER = "طلبي رقم 405-1234567-7654321"


@pytest.mark.parametrize("role", ["actions", "rasa"])
def test_a_message_in_an_outage_is_kept_said_to_be_kept_once_and_answered_afterwards(system: System, role: str) -> None:
    with WidgetShopper(system) as shopper:
        assert shopper.answer(TELLS_LITTLE).asks == "order_number"
        system.kill(role)
        sent = shopper.send(text=ORDER)
        shopper.hear(lambda: bool(shopper.notices()), seconds=20)
        assert shopper.messages[-1]["seq"] == sent + 1, "the notice follows the message at once"
        assert [reply.asks for reply in shopper.replies(sent, seconds=90)] == ["purchase_date"]
        asked, last = complain(shopper, "من أسبوعين", EGYPTIAN)
        assert asked == ["product", "remedy", "contact", "confirmed"]
        assert shopper.notices() == ["kept"]
        assert system.filed_in(shopper.conversation) == [last.custom["complaint_number"]]
    system.wait_until_well()


def test_a_confirmation_in_an_outage_files_one_complaint_and_says_so_only_then(system: System) -> None:
    with WidgetShopper(system) as shopper:
        shopper.answer(TELLS_MUCH)
        shopper.answer(SAUDI["order_number"])
        shopper.answer(SAUDI["contact"])
        system.kill("actions")
        sent = shopper.send(choice=shopper.choice("نعم، أرسلها"))
        shopper.hear(lambda: bool(shopper.notices()), seconds=20)
        assert system.filed_in(shopper.conversation) == []
        last = shopper.replies(sent, seconds=90)[-1]
        assert system.filed_in(shopper.conversation) == [last.custom["complaint_number"]]


def test_what_the_gateway_acknowledged_before_it_was_killed_is_answered_by_the_next_one(system: System) -> None:
    with WidgetShopper(system) as shopper:
        assert shopper.answer(TELLS_LITTLE).asks == "order_number"
        gateway = system.pid("gateway")
        with system.paused("rasa"):
            sent = shopper.send(text=ORDER)
            eventually(lambda: system.has_begun(shopper.conversation, sent), 60, "asking Rasa")
            system.kill("gateway")
        died = time.monotonic()
        system.wait_until_well()
        assert time.monotonic() - died < 60
        assert system.pid("gateway") != gateway
        assert shopper.history()[sent - 1]["text"] == ORDER
        assert [reply.asks for reply in shopper.replies(sent)] == ["purchase_date"]
        asked, last = complain(shopper, "من أسبوعين", EGYPTIAN)
        assert asked == ["product", "remedy", "contact", "confirmed"]
        assert system.complaint(last.custom["complaint_number"])["order_number"] == "405-1234567-7654321"
        assert system.filed_in(shopper.conversation) == [last.custom["complaint_number"]]


def test_ctrl_c_stops_every_process_and_the_form_goes_on_after_the_next_start(system: System) -> None:
    with WidgetShopper(system) as shopper:
        assert shopper.answer(TELLS_MUCH).asks == "order_number"
        assert system.interrupt() == 0
        assert system.processes() == {}
        system.start()
        asked, last = complain(shopper, ORDER, SAUDI)
        assert asked == ["contact", "confirmed"]
        assert system.filed_in(shopper.conversation) == [last.custom["complaint_number"]]


def test_logs_of_an_outage_name_the_conversation_and_hold_no_word_of_it(system: System) -> None:
    with WidgetShopper(system) as shopper:
        assert shopper.answer(TELLS_LITTLE).asks == "order_number"
        system.kill("actions")
        shopper.replies(shopper.send(text=ORDER), seconds=90)
    logs = system.logs()
    assert f"conversation_id='{shopper.conversation}'" in logs
    assert not [word for word in [*TELLS_LITTLE.split(), *ORDER.split()] if len(word) > 3 and word in logs]
