"""The action server of the stock project: it validates with the readers ours validates with, and keeps nothing."""

import os
import random
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from rasa_sdk import Action, FormValidationAction, Tracker
from rasa_sdk.events import AllSlotsReset, EventType
from rasa_sdk.executor import CollectingDispatcher

from bot.bootstrap import load_shop
from bot.domain.shop import Shop
from bot.services.fields import VALIDATE, Unclear

SHOP = "SHOP_FILE"
Slots = dict[str, Any]


@cache
def _shop() -> Shop:
    return load_shop(Path(os.environ[SHOP]))


def _validated(slot: str) -> Callable[..., Slots]:
    def validate(
        self: FormValidationAction, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Slots
    ) -> Slots:
        try:
            return {slot: VALIDATE[slot](str(value), _shop(), date.today())}
        except Unclear:
            return {slot: None}

    return validate


class ValidateComplaintForm(FormValidationAction):
    validate_complaint_kind = _validated("complaint_kind")
    validate_order_number = _validated("order_number")
    validate_purchase_date = _validated("purchase_date")
    validate_product = _validated("product")
    validate_description = _validated("description")
    validate_remedy = _validated("remedy")
    validate_contact = _validated("contact")

    def name(self) -> str:
        return "validate_complaint_form"


class FileComplaint(Action):
    def name(self) -> str:
        return "action_file_complaint"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Slots) -> list[EventType]:
        dispatcher.utter_message(response="utter_filed", number=f"SH-{random.randrange(10**5):05}")
        return [AllSlotsReset()]
