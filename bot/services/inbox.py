"""The analysts' inbox: every distinct utterance of shoppers, with what the model made of it, and what it really means."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.domain.conversation import Message, Reading
from bot.domain.errors import LabelledMeanwhile, NotAllowed, UtteranceUnknown
from bot.domain.label import Decision, Example, InboxFilter, LabelState, Utterance, measured
from bot.domain.user import Permission, User
from bot.language.search import search_form
from bot.language.spelling import fold
from bot.language.variety import variety_of
from bot.services.ports import Clock, Store, Work

PAGE = 50
CLUSTERED = 400
"""Utterances that are compared with each other at once."""
ALIKE = 0.5
"""Share of common words from which two utterances look alike."""
SEEN = 20

Labels = Callable[[], frozenset[str]]
"""Returns the labels the model can be trained with: intents, and `faq/<topic>`."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an analyst says of an utterance."""

    state: LabelState
    label: str | None = None
    entities: tuple[dict[str, Any], ...] = ()
    """`{start, end, entity}` in the utterance's text."""


class Inbox:
    def __init__(self, store: Store, clock: Clock, labels: Labels) -> None:
        self._store = store
        self._clock = clock
        self._labels = labels

    def page(self, wanted: InboxFilter, offset: int = 0) -> tuple[list[Utterance], int]:
        """Return a page of what fits and how much fits."""
        folded = replace(wanted, text=fold(wanted.text))
        with self._store.read() as work:
            found = work.labels.inbox(folded, offset, PAGE)
            is_last = 0 < len(found) < PAGE or (not found and offset == 0)
            return found, offset + len(found) if is_last else work.labels.count(folded)

    def clusters(self, wanted: InboxFilter) -> list[list[Utterance]]:
        """Return what fits, look-alikes together, the largest group first; what is like nothing else is left out."""
        with self._store.read() as work:
            utterances = work.labels.inbox(replace(wanted, text=fold(wanted.text)), 0, CLUSTERED)
        groups = [group for group in alike(utterances) if len(group) > 1]
        return sorted(groups, key=len, reverse=True)

    def seen_in(self, utterance_id: int) -> list[tuple[str, int, datetime]]:
        """Return (conversation, number of the message, moment) where it was said, newest first."""
        with self._store.read() as work:
            return work.labels.seen_in(utterance_id, SEEN)

    def since(self, days: int) -> datetime | None:
        """Return the moment so many days ago, None for 0."""
        return self._clock() - timedelta(days=days) if days else None

    def text_of(self, utterance_id: int) -> str:
        with self._store.read() as work:
            return _known(work.labels.get(utterance_id), utterance_id).text

    def labels(self) -> frozenset[str]:
        return self._labels()

    def decide(self, user: User, utterance_id: int, version: int, verdict: Verdict) -> Utterance:
        """Keep a verdict; raise LabelledMeanwhile where somebody else has decided since `version` was shown."""
        with self._store.write() as work:
            utterance = self._decide(work, user, utterance_id, version, verdict)
            work.commit()
        return utterance

    def decide_many(self, user: User, chosen: list[tuple[int, int]], verdict: Verdict) -> list[int]:
        """Keep one verdict for several utterances (id, version); return the ids somebody else was quicker with."""
        refused = []
        with self._store.write() as work:
            for utterance_id, version in dict(chosen).items():
                try:
                    self._decide(work, user, utterance_id, version, verdict)
                except LabelledMeanwhile:
                    refused.append(utterance_id)
            work.commit()
        return refused

    def undo(self, user: User) -> Utterance:
        """Take back the user's newest decision; raise LabelledMeanwhile where somebody has decided otherwise since."""
        user.require(Permission.LABEL)
        assert user.id is not None
        with self._store.write() as work:
            decision = work.labels.last_by(user.id)
            if decision is None:
                raise NotAllowed(f"{user.login} has decided nothing that could be taken back", "nothing_to_undo")
            utterance = _found(work, decision.utterance_id)
            if (utterance.labelled_by, utterance.label, utterance.state) != (user.id, decision.label, decision.state):
                raise LabelledMeanwhile(
                    f"utterance {utterance.id} was labelled by somebody else since", utterance.label or ""
                )
            before = decision.before
            state = LabelState(before["state"])
            utterance.decide(state, before["label"], before["entities"], user.id, self._clock(), utterance.version)
            decision.undone = True
            work.commit()
        return utterance

    def newest(self, limit: int) -> list[tuple[int, str]]:
        """Return (number, text) of what shoppers typed last, each text once: what a candidate is tried on."""
        with self._store.read() as work:
            return work.labels.newest(limit)

    def accepted(self) -> list[Example]:
        """Return what analysts accepted, as it was said."""
        with self._store.read() as work:
            return work.labels.accepted()

    def trained(self) -> list[Example]:
        """Return what goes into the training data: what was accepted, but of one conversation no more than its measure."""
        with self._store.read() as work:
            return measured(work.labels.accepted_of())

    def _decide(self, work: Work, user: User, utterance_id: int, version: int, verdict: Verdict) -> Utterance:
        user.require(Permission.LABEL)
        utterance = _found(work, utterance_id)
        label = self._checked(utterance, verdict)
        entities = sorted(verdict.entities, key=lambda one: int(one["start"]))
        keep_decision(work, user, utterance, Verdict(verdict.state, label, tuple(entities)), self._clock(), version)
        return utterance

    def _checked(self, utterance: Utterance, verdict: Verdict) -> str | None:
        if verdict.state is LabelState.OUT_OF_SCOPE:
            return "out_of_scope"
        if verdict.state is not LabelState.ACCEPTED:
            return None
        if verdict.label not in self._labels():
            raise NotAllowed(f"{verdict.label} is no label of the model", "label_unknown")
        require_readable(utterance.text, verdict.entities)
        return verdict.label


def keep_decision(work: Work, user: User, utterance: Utterance, verdict: Verdict, at: datetime, version: int) -> None:
    """Label an utterance and keep what it was before, so that it can be undone. Part of the caller's transaction."""
    assert user.id is not None
    assert utterance.id is not None
    before = {"state": str(utterance.state), "label": utterance.label, "entities": utterance.entities}
    entities = list(verdict.entities)
    utterance.decide(verdict.state, verdict.label, entities, user.id, at, version)
    work.labels.keep(Decision(utterance.id, user.id, at, verdict.state, verdict.label, entities, before))


def require_readable(text: str, entities: Sequence[dict[str, Any]]) -> None:
    """Raise NotAllowed unless marks are inside a text, apart from each other, and on words without brackets."""
    last = 0
    for mark in sorted(entities, key=lambda one: int(one["start"])):
        marked = text[mark["start"] : mark["end"]]
        if mark["start"] < last or not marked.strip() or set(marked) & set("[](){}"):
            raise NotAllowed("marks are inside the text, without overlaps and brackets", "marks_unreadable")
        last = mark["end"]


def note(work: Work, message: Message, reading: Reading) -> None:
    """Count what a shopper typed among the utterances. Part of the caller's transaction."""
    if message.id is None or message.payload is not None or str(message.sender) != "shopper":
        return
    folded = fold(message.text)
    if not folded:
        return
    said = Utterance(
        folded, message.text, reading.intent, reading.confidence, reading.model, message.created_at, message.created_at,
        ranking=reading.ranking, variety=variety_of(message.text),
    )  # fmt: skip
    work.labels.note(said, message.id)


def suggest(work: Work, message_id: int, label: str) -> None:
    """Keep what somebody's choice says a message means. Part of the caller's transaction."""
    utterance = work.labels.of_message(message_id)
    if utterance is not None:
        utterance.suggest(label)


def alike(utterances: list[Utterance]) -> list[list[Utterance]]:
    """Group utterances of which at least ALIKE of the words are common with the first of their group."""
    groups: list[tuple[frozenset[str], list[Utterance]]] = []
    for utterance in utterances:
        words = frozenset(search_form(utterance.text).split())
        for known, group in groups:
            common = len(words & known)
            if common and common >= ALIKE * (len(words) + len(known) - common):
                group.append(utterance)
                break
        else:
            groups.append((words, [utterance]))
    return [group for _, group in groups]


def _found(work: Work, utterance_id: int) -> Utterance:
    return _known(work.labels.locked(utterance_id), utterance_id)


def _known(utterance: Utterance | None, utterance_id: int) -> Utterance:
    if utterance is None:
        raise UtteranceUnknown(f"no utterance {utterance_id}")
    return utterance
