"""Finding and keeping distinct utterances and what analysts decided about them."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.domain.label import Decision, InboxFilter, LabelState, Utterance
from bot.store import label_tables, tables

MARKED = (LabelState.ACCEPTED, LabelState.OUT_OF_SCOPE)


class Labels:
    def __init__(self, session: Session) -> None:
        self._session = session

    def note(self, said: Utterance, message_id: int) -> Utterance:
        """Count an utterance that was said in a message; return the one that is kept. The same message counts once."""
        kept = self._by_hash(said.folded_hash)
        if kept is None:
            kept = self._new(said)
        elif self._was_counted(kept, message_id):
            return kept
        else:
            kept.seen_again(said.intent, said.confidence, said.ranking, said.model, said.last_seen)
        self._session.flush()
        self._session.execute(sa.insert(label_tables.seen).values(utterance_id=kept.id, message_id=message_id))
        return kept

    def _was_counted(self, kept: Utterance, message_id: int) -> bool:
        where = {"utterance_id": kept.id, "message_id": message_id}
        return self._session.execute(sa.select(label_tables.seen).filter_by(**where)).one_or_none() is not None

    def _new(self, said: Utterance) -> Utterance:
        try:
            with self._session.begin_nested():
                self._session.add(said)
        except sa.exc.IntegrityError:
            kept = self._by_hash(said.folded_hash)
            assert kept is not None
            kept.seen_again(said.intent, said.confidence, said.ranking, said.model, said.last_seen)
            return kept
        return said

    def _by_hash(self, folded_hash: str) -> Utterance | None:
        query = sa.select(Utterance).filter_by(folded_hash=folded_hash).with_for_update()
        return self._session.scalars(query).one_or_none()

    def locked(self, utterance_id: int) -> Utterance | None:
        return self._session.get(Utterance, utterance_id, with_for_update=True)

    def of_message(self, message_id: int) -> Utterance | None:
        query = sa.select(Utterance).join(label_tables.seen, label_tables.seen.c.utterance_id == label_tables.utterance.c.id)
        return self._session.scalars(query.where(label_tables.seen.c.message_id == message_id).limit(1)).one_or_none()

    def of_conversation(self, conversation_id: str) -> list[Utterance]:
        """Return what was said in a conversation, in the order in which it was said."""
        seen, message = label_tables.seen.c, tables.message.c
        query = sa.select(Utterance).join(label_tables.seen, seen.utterance_id == label_tables.utterance.c.id)
        query = query.join(tables.message, message.id == seen.message_id).where(message.conversation_id == conversation_id)
        return list(self._session.scalars(query.order_by(message.seq)))

    def inbox(self, wanted: InboxFilter, offset: int, limit: int) -> list[Utterance]:
        """Return what fits, what is to be looked at first before what was said often."""
        one = label_tables.utterance.c
        query = sa.select(Utterance).where(*_conditions(wanted))
        query = query.order_by(one.priority.desc(), one.count.desc(), one.id.desc())
        return list(self._session.scalars(query.offset(offset).limit(limit)))

    def count(self, wanted: InboxFilter) -> int:
        query = sa.select(sa.func.count()).select_from(label_tables.utterance).where(*_conditions(wanted))
        return self._session.scalar(query) or 0

    def seen_in(self, utterance_id: int, limit: int) -> list[tuple[str, int, datetime]]:
        """Return (conversation, number of the message, moment) where it was said, newest first."""
        seen, message = label_tables.seen.c, tables.message.c
        query = sa.select(message.conversation_id, message.seq, message.created_at).join(
            label_tables.seen, seen.message_id == message.id
        )
        query = query.where(seen.utterance_id == utterance_id).order_by(message.id.desc()).limit(limit)
        return [(row[0], row[1], row[2]) for row in self._session.execute(query)]

    def accepted(self) -> list[Utterance]:
        """Return what goes into the training data."""
        query = sa.select(Utterance).where(label_tables.utterance.c.state.in_(MARKED))
        return list(self._session.scalars(query.order_by(label_tables.utterance.c.id)))

    def keep(self, decision: Decision) -> None:
        self._session.add(decision)
        self._session.flush()

    def last_by(self, user_id: int) -> Decision | None:
        """Return the newest decision of a user that was not taken back."""
        query = sa.select(Decision).filter_by(user_id=user_id, undone=False)
        return self._session.scalars(query.order_by(label_tables.decision.c.id.desc()).limit(1)).one_or_none()


def _conditions(wanted: InboxFilter) -> list[sa.ColumnElement[bool]]:
    one = label_tables.utterance.c
    found: list[sa.ColumnElement[bool]] = []
    if wanted.state is not None:
        found.append(one.state == wanted.state)
    if wanted.intent:
        found.append(one.intent == wanted.intent)
    if wanted.label:
        found.append(one.label == wanted.label)
    if wanted.first_only:
        found.append(one.priority > 0)
    if wanted.text:
        found.append(one.folded.contains(wanted.text, autoescape=True))
    return found
