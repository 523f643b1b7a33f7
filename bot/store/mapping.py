"""Maps the plain classes of `bot.domain` onto the tables, once, for `bot.store.statements`."""

from enum import StrEnum
from functools import cache

import sqlalchemy as sa
from sqlalchemy.orm import attribute_keyed_dict, registry, relationship

from bot.domain.complaint import Complaint, Entry, Kind, Level, LoggedContact, Remedy, Severity, Status
from bot.domain.conversation import Conversation, Holder, Message, Sender
from bot.domain.desk import CannedReply, Letter, Note, SavedView
from bot.domain.draft import Draft, DraftState, SlotValue
from bot.domain.evidence import EvidenceFile
from bot.domain.evidence import Kind as FileKind
from bot.domain.handoff import Handoff, HandoffState, Outcome, Reason
from bot.domain.label import Decision, LabelState, Utterance
from bot.domain.model import ModelRun, RunState
from bot.domain.request import Request, RequestKind
from bot.domain.turn import Turn, TurnState
from bot.domain.user import Role, User, UserSession
from bot.domain.webhook import Delivery, Webhook
from bot.store import console_tables, label_tables, model_tables, tables, webhook_tables


class Named(sa.types.TypeDecorator[StrEnum]):
    """A StrEnum stored as its value: a new member needs no change of the column's type."""

    impl = sa.String
    cache_ok = True

    def __init__(self, names: type[StrEnum], length: int | None) -> None:
        super().__init__(length)
        self.names = names

    def process_bind_param(self, value: StrEnum | None, dialect: sa.Dialect) -> str | None:
        return None if value is None else str(self.names(value))

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> StrEnum | None:
        return None if value is None else self.names(value)


ENUMS: dict[sa.Table, dict[str, type[StrEnum]]] = {
    tables.conversation: {"holder": Holder},
    tables.message: {"sender": Sender},
    tables.turn: {"state": TurnState},
    tables.draft: {"state": DraftState},
    tables.complaint: {"kind": Kind, "remedy": Remedy, "status": Status, "level": Level, "severity": Severity},
    tables.request: {"kind": RequestKind},
    tables.evidence_file: {"kind": FileKind},
    console_tables.user: {"role": Role},
    label_tables.utterance: {"state": LabelState},
    label_tables.decision: {"state": LabelState},
    model_tables.model_run: {"state": RunState},
    console_tables.handoff: {"state": HandoffState, "reason": Reason, "severity": Severity, "outcome": Outcome},
}


@cache
def map_domain() -> None:
    for table, columns in ENUMS.items():
        for name, names in columns.items():
            plain = table.c[name].type
            assert isinstance(plain, sa.String)
            table.c[name].type = Named(names, plain.length)
    mapper = registry()
    mapper.map_imperatively(Conversation, tables.conversation, version_id_col=tables.conversation.c.version)
    mapper.map_imperatively(Message, tables.message)
    mapper.map_imperatively(Turn, tables.turn)
    mapper.map_imperatively(SlotValue, tables.draft_slot)
    mapper.map_imperatively(Draft, tables.draft, properties={
        "slots": relationship(SlotValue, collection_class=attribute_keyed_dict("slot"), lazy="joined",
                              cascade="all, delete-orphan"),
    })  # fmt: skip
    mapper.map_imperatively(Entry, tables.complaint_entry)
    mapper.map_imperatively(LoggedContact, tables.contact_log)
    mapper.map_imperatively(Complaint, tables.complaint, properties={
        "timeline": relationship(Entry, order_by=tables.complaint_entry.c.id, lazy="selectin"),
        "contacts": relationship(LoggedContact, order_by=tables.contact_log.c.id, lazy="selectin"),
    })  # fmt: skip
    mapper.map_imperatively(Request, tables.request)
    mapper.map_imperatively(EvidenceFile, tables.evidence_file)
    mapper.map_imperatively(User, console_tables.user)
    mapper.map_imperatively(UserSession, console_tables.user_session)
    mapper.map_imperatively(Handoff, console_tables.handoff, version_id_col=console_tables.handoff.c.version)
    mapper.map_imperatively(Note, console_tables.note)
    mapper.map_imperatively(CannedReply, console_tables.canned_reply)
    mapper.map_imperatively(SavedView, console_tables.saved_view)
    mapper.map_imperatively(Letter, console_tables.letter)
    mapper.map_imperatively(Webhook, webhook_tables.webhook)
    mapper.map_imperatively(Delivery, webhook_tables.delivery)
    mapper.map_imperatively(Utterance, label_tables.utterance)
    mapper.map_imperatively(Decision, label_tables.decision)
    mapper.map_imperatively(ModelRun, model_tables.model_run)
    mapper.configure()
