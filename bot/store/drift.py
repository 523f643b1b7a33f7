"""Counting readings by day, and finding what was counted."""

from collections import defaultdict
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.domain.conversation import Sender
from bot.domain.drift import Case, DayCount, Stretch, Uncounted, Word, WordCount
from bot.domain.label import FALLBACK
from bot.domain.names import Kind
from bot.store import console_tables, drift_tables, label_tables, tables
from bot.store.inserting import insert_into

KIND = "complaint_kind"
READ_AS = {*Kind, FALLBACK}
AT_ONCE = 500
"""Conversations that are looked into with one query."""


class Drift:
    def __init__(self, session: Session) -> None:
        self._session = session

    # --- Counting -------------------------------------------------------------------------------------------------------

    def uncounted(self, limit: int) -> list[Uncounted]:
        """Return readings that are in no count yet, the oldest first."""
        message, reading, seen = tables.message.c, tables.reading.c, label_tables.seen.c
        query = sa.select(
            message.id, message.text, message.payload.is_(None), message.created_at, reading.model, reading.intent,
            reading.confidence, seen.utterance_id,
        ).join(tables.reading, reading.message_id == message.id)  # fmt: skip
        query = query.outerjoin(label_tables.seen, seen.message_id == message.id).where(reading.variety.is_(None))
        return [Uncounted(*row) for row in self._session.execute(query.order_by(reading.message_id).limit(limit))]

    def still_uncounted(self, message_ids: list[int]) -> set[int]:
        """Return which of them nobody has counted meanwhile, locked until the transaction ends."""
        reading = tables.reading.c
        query = sa.select(reading.message_id).where(reading.message_id.in_(message_ids), reading.variety.is_(None))
        return set(self._session.scalars(query.order_by(reading.message_id).with_for_update()))

    def waiting(self) -> int:
        query = sa.select(sa.func.count()).select_from(tables.reading).where(tables.reading.c.variety.is_(None))
        return self._session.scalar(query) or 0

    def count(self, days: list[DayCount], words: list[WordCount]) -> None:
        """Add to what was counted before; rows in one order, so that two who count never wait for each other's."""
        self._add(drift_tables.reading_day, sorted(days, key=lambda one: (one.day, one.model, one.intent, one.variety)))
        self._add(drift_tables.new_word, sorted(words, key=lambda one: (one.day, one.word, one.utterance_id)))

    def _add(self, table: sa.Table, counts: list[DayCount] | list[WordCount]) -> None:
        if not counts:
            return
        names = [column.name for column in table.columns]
        new = insert_into(self._session, table)
        numbers = {name for name in names if name in ("count", "unsure", "with_new_words")}
        summed = {name: table.c[name] + new.excluded[name] for name in numbers}
        statement = new.on_conflict_do_update(index_elements=list(table.primary_key), set_=summed)
        self._session.execute(statement, [{name: getattr(one, name) for name in names} for one in counts])

    def mark(self, read: list[tuple[Uncounted, str]]) -> None:
        """Keep the variety of each reading, which says that it is counted, and of the utterance."""
        groups: dict[str, list[Uncounted]] = defaultdict(list)
        for one, variety in read:
            groups[variety].append(one)
        reading, utterance = tables.reading, label_tables.utterance
        for variety, group in groups.items():
            ids, said = [one.message_id for one in group], {one.utterance_id for one in group}
            self._session.execute(sa.update(reading).where(reading.c.message_id.in_(ids)).values(variety=variety))
            unknown = utterance.c.id.in_(said), utterance.c.variety.is_(None)
            self._session.execute(sa.update(utterance).where(*unknown).values(variety=variety))

    # --- Finding --------------------------------------------------------------------------------------------------------

    def days(self, wanted: Stretch) -> list[DayCount]:
        """Return the counts of each day, those of several models as one, without a name."""
        one = drift_tables.reading_day.c
        sums = [sa.func.sum(one[name]) for name in ("count", "unsure", "with_new_words")]
        query = sa.select(one.day, one.intent, one.variety, *sums).where(*_inside(drift_tables.reading_day, wanted))
        if wanted.model:
            query = query.where(one.model == wanted.model)
        rows = self._session.execute(query.group_by(one.day, one.intent, one.variety))
        return [DayCount(day, "", intent, variety, *map(int, numbers)) for day, intent, variety, *numbers in rows]

    def models(self, wanted: Stretch) -> list[str]:
        """Return the models that read something in these days, the newest name first."""
        one = drift_tables.reading_day.c
        query = sa.select(one.model).where(one.day.between(wanted.first, wanted.last)).distinct()
        return list(self._session.scalars(query.order_by(one.model.desc())))

    def words(self, wanted: Stretch, limit: int) -> list[Word]:
        """Return the new words that were said most often, whatever the model."""
        one, utterance = drift_tables.new_word.c, label_tables.utterance.c
        total, last = sa.func.sum(one.count).label("total"), sa.func.max(one.utterance_id).label("last")
        query = sa.select(one.word, total, last).where(*_inside(drift_tables.new_word, wanted)).group_by(one.word)
        most = query.order_by(total.desc(), one.word).limit(limit).subquery()
        shown = sa.select(most.c.word, most.c.total, most.c.last, utterance.text)
        shown = shown.join(label_tables.utterance, utterance.id == most.c.last)
        rows = self._session.execute(shown.order_by(most.c.total.desc(), most.c.word))
        return [Word(word, int(count), utterance_id, text) for word, count, utterance_id, text in rows]

    def cases(self, wanted: Stretch, since: datetime, until: datetime) -> list[Case]:
        """Return the complaints agents took over from the bot in a time: how it had read them, and what became of that."""
        handoff = console_tables.handoff.c
        query = sa.select(handoff.conversation_id, handoff.claimed_at).where(
            handoff.claimed_at >= since, handoff.claimed_at < until
        )
        taken = [(talk, at) for talk, at in self._session.execute(query.order_by(handoff.id))]
        talks = sorted({talk for talk, _ in taken})
        found = []
        for some in (talks[at : at + AT_ONCE] for at in range(0, len(talks), AT_ONCE)):
            guesses, corrections = self._guesses(wanted, some), self._corrections(some)
            for talk, at in taken:
                guess = _last_before(at, guesses.get(talk, []))
                if guess and (guess != FALLBACK or talk in corrections):
                    found.append(Case(at, guess, corrections.get(talk)))
        return found

    def _guesses(self, wanted: Stretch, talks: list[str]) -> dict[str, list[tuple[datetime, str]]]:
        """Return when the bot read which kind, or none, in each conversation.

        The intent is chosen here: SQLite would begin with all readings of a kind, and there may be a million.
        """
        message, reading = tables.message.c, tables.reading.c
        query = sa.select(message.conversation_id, message.created_at, reading.intent, reading.model, reading.variety)
        query = query.join(tables.reading, reading.message_id == message.id).where(message.conversation_id.in_(talks))
        found: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
        for talk, at, intent, model, variety in self._session.execute(query.order_by(message.id)):
            fits = wanted.model in ("", model) and wanted.variety in ("", variety)
            if fits and intent in READ_AS:
                found[talk].append((at, intent))
        return found

    def _corrections(self, talks: list[str]) -> dict[str, str]:
        """Return, by conversation, the kind its form has now, where an agent has changed it."""
        message, slot, draft = tables.message.c, tables.draft_slot.c, tables.draft.c
        changed = sa.select(message.conversation_id, message.custom).where(
            message.conversation_id.in_(talks), message.sender == Sender.SYSTEM
        )
        by_agents = {talk for talk, custom in self._session.execute(changed) if custom.get("slot") == KIND}
        kinds = sa.select(draft.conversation_id, slot.value).join(tables.draft, draft.id == slot.draft_id)
        kinds = kinds.where(slot.slot == KIND, slot.value.is_not(None), draft.conversation_id.in_(by_agents))
        return {talk: kind for talk, kind in self._session.execute(kinds.order_by(draft.created_at))}


def _last_before(moment: datetime, read: list[tuple[datetime, str]]) -> str:
    """Return the kind that was read last until a moment; the fallback, or nothing, where none was."""
    before = [intent for at, intent in read if at <= moment]
    return next((intent for intent in reversed(before) if intent != FALLBACK), FALLBACK if before else "")


def _inside(table: sa.Table, wanted: Stretch) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = [table.c.day.between(wanted.first, wanted.last)]
    return [*found, table.c.variety == wanted.variety] if wanted.variety else found
