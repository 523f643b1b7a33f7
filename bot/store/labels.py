"""Finding and keeping distinct utterances and what analysts decided about them."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.domain.label import FALLBACK, UNSURE, Decision, Example, InboxFilter, LabelState, Look, Mark, Utterance
from bot.store import label_tables, statements, tables
from bot.store.inserting import insert_into

AT_ONCE = 500
"""Hashes that are looked for in one query."""
FIRST = label_tables.utterance.c.priority > 0
"""Holds wherever there is a reason to look: the index finds those, of whom the reasons are asked."""
LOOKS: dict[Look, sa.ColumnElement[bool]] = {
    Look.FIRST: FIRST,
    Look.CORRECTED: label_tables.utterance.c.priority == 3,
    Look.NOT_UNDERSTOOD: FIRST & (label_tables.utterance.c.intent == FALLBACK),
    Look.UNSURE: FIRST & (label_tables.utterance.c.confidence < UNSURE),
    Look.BADLY_RATED: FIRST & label_tables.utterance.c.badly_rated.is_(True),
}
READ_FOR_ONE = 20
"""Messages that are looked at for each utterance wanted: people say the same again and again."""
MARKED = (LabelState.ACCEPTED, LabelState.OUT_OF_SCOPE)


class Labels:
    def __init__(self, session: Session) -> None:
        self._session = session

    def note(self, said: Utterance, message_id: int) -> Utterance:
        """Count an utterance that was said in a message; return the one that is kept. A conversation counts once."""
        kept = self._by_hash(said.folded_hash)
        if kept is None:
            kept = self._new(said)
        elif self._was_counted(kept, message_id):
            return kept
        else:
            new = not self._was_said_with(kept, message_id)
            kept.seen_again(said.intent, said.confidence, said.ranking, said.model, said.last_seen, counts=new)
        self._session.flush()
        self._session.execute(sa.insert(label_tables.seen).values(utterance_id=kept.id, message_id=message_id))
        return kept

    def _was_counted(self, kept: Utterance, message_id: int) -> bool:
        where = {"utterance_id": kept.id, "message_id": message_id}
        return self._session.execute(sa.select(label_tables.seen).filter_by(**where)).one_or_none() is not None

    def _was_said_with(self, kept: Utterance, message_id: int) -> bool:
        """Whether the conversation of a message has said the same before."""
        seen, message = label_tables.seen.c, tables.message.c
        here = sa.select(message.conversation_id).where(message.id == message_id).scalar_subquery()
        query = sa.select(seen.message_id).join(tables.message, message.id == seen.message_id)
        query = query.where(seen.utterance_id == kept.id, message.conversation_id == here)
        return self._session.execute(query.limit(1)).one_or_none() is not None

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
        return self._session.scalars(statements.UTTERANCE_OF_HASH, {"folded_hash": folded_hash}).one_or_none()

    def by_hashes(self, hashes: list[str], *, for_update: bool = False) -> dict[str, Utterance]:
        """Return the kept utterances among those looked for, by the hash of their folded text."""
        found: dict[str, Utterance] = {}
        for some in (hashes[at : at + AT_ONCE] for at in range(0, len(hashes), AT_ONCE)):
            query = sa.select(Utterance).where(label_tables.utterance.c.folded_hash.in_(some))
            query = query.order_by(label_tables.utterance.c.id)
            kept = self._session.scalars(query.with_for_update() if for_update else query)
            found |= {one.folded_hash: one for one in kept}
        return found

    def bring(self, said: list[Utterance]) -> None:
        """Add utterances that were said elsewhere; one that came in meanwhile stays as it is."""
        table = label_tables.utterance
        names = [column.name for column in table.columns if column.name != "id"]
        if said:
            values = [{name: getattr(one, name) for name in names} for one in said]
            self._session.execute(
                insert_into(self._session, table).on_conflict_do_nothing(index_elements=["folded_hash"]), values
            )

    def locked(self, utterance_id: int) -> Utterance | None:
        return self._session.get(Utterance, utterance_id, with_for_update=True)

    def get(self, utterance_id: int) -> Utterance | None:
        return self._session.get(Utterance, utterance_id)

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
        query = query.where(seen.utterance_id == utterance_id).order_by(seen.message_id.desc()).limit(limit)
        return [(row[0], row[1], row[2]) for row in self._session.execute(query)]

    def newest(self, limit: int) -> list[tuple[int, str]]:
        """Return (number, text) of what was said in the newest messages, each once; READ_FOR_ONE for each are looked at."""
        one, seen = label_tables.utterance.c, label_tables.seen.c
        newest = sa.select(label_tables.seen).order_by(seen.message_id.desc()).limit(limit * READ_FOR_ONE).subquery()
        last = sa.func.max(newest.c.message_id).label("last")
        recent = sa.select(newest.c.utterance_id, last).group_by(newest.c.utterance_id).subquery()
        query = sa.select(one.id, one.text).join(recent, recent.c.utterance_id == one.id)
        return [(row[0], row[1]) for row in self._session.execute(query.order_by(recent.c.last.desc()).limit(limit))]

    def texts(self, utterance_ids: list[int]) -> dict[int, str]:
        """Return what was said, by number; an erased one is left out."""
        one = label_tables.utterance.c
        found = self._session.execute(sa.select(one.id, one.text).where(one.id.in_(utterance_ids)))
        return {row[0]: row[1] for row in found}

    def accepted(self) -> list[Example]:
        """Return what goes into the training data; of a hundred thousand rows, only what is asked for."""
        one = label_tables.utterance.c
        query = sa.select(one.label, one.text, one.entities).where(one.state.in_(MARKED)).order_by(one.id)
        return [
            Example(label, text, tuple(Mark(**mark) for mark in marks))
            for label, text, marks in self._session.execute(query)
        ]

    def accepted_of(self) -> list[tuple[Example, str | None]]:
        """Return what goes into the training data, each with the conversation that alone said it, if there is one."""
        one, seen, message = label_tables.utterance.c, label_tables.seen.c, tables.message.c
        alone = sa.select(seen.utterance_id, sa.func.min(message.conversation_id).label("who"))
        alone = alone.join(tables.message, message.id == seen.message_id).group_by(seen.utterance_id)
        said = alone.having(sa.func.count(message.conversation_id.distinct()) == 1).subquery()
        query = sa.select(one.label, one.text, one.entities, said.c.who).outerjoin(said, said.c.utterance_id == one.id)
        found = self._session.execute(query.where(one.state.in_(MARKED)).order_by(one.id))
        return [(Example(label, text, tuple(Mark(**mark) for mark in marks)), who) for label, text, marks, who in found]

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
    if wanted.look is not None:
        found.append(LOOKS[wanted.look])
    if wanted.since is not None:
        found.append(one.last_seen >= wanted.since)
    if wanted.variety:
        found.append(one.variety == wanted.variety)
    if wanted.text:
        found.append(one.folded.contains(wanted.text, autoescape=True))
    return found
