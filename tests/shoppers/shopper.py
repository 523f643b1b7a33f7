"""A simulated shopper: answers what is asked, in their own words, and never helps the bot beyond that.

Whoever says something else first (an interruption, a correction) answers the question when it is put again. Buttons are
tapped where the data says so, and at the end to send the complaint.
"""

from dataclasses import dataclass, field

import httpx

from tests.shoppers.facts import Correction, Fact, Person, Step
from tests.system.shoppers import Reply, Tap, WidgetShopper

LONGEST = 25
"""Turns after which a shopper gives up."""
PATIENCE_WITH_SILENCE = 3
"""Replies that ask nothing, after which a shopper gives up too."""
PATIENCE_WITH_QUESTIONS = 6
"""How often one thing may be asked for before a shopper gives up."""
SEND = Tap("نعم، أرسلها")
KEEP, DROP = Tap("احفظها لي"), Tap("احذفها")
ANSWERS = {"confirmed": SEND, "resume_draft": Tap("نعم، نكملها"), "merge": Tap("لا، شكوى جديدة")}
"""What everybody answers to the questions that are not about the matter itself; those are not counted."""
LOST_FOR_WORDS = "ما أدري"
"""The answer to a question that the data knows nothing of."""


@dataclass
class Outcome:
    """How one conversation went."""

    person: Person
    conversation: str = ""
    number: str | None = None
    """Of the complaint that was filed."""
    questions: list[str] = field(default_factory=list)
    """What was asked for, the summary apart, in order and as often as it was asked."""
    asked_again: list[str] = field(default_factory=list)
    """Slots that were asked for after they had been told."""
    told: set[str] = field(default_factory=set)
    corrected: set[str] = field(default_factory=set)
    said: list[str] = field(default_factory=list)
    tapped: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    transcript: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return not self.problems and not self.asked_again


class SimulatedShopper:
    def __init__(self, person: Person, widget: WidgetShopper) -> None:
        self.person, self.widget = person, widget
        self.outcome = Outcome(person, widget.conversation)
        self.steps: list[Step] = []
        """What is left of a correction: done before anything is answered."""
        self.facts = dict(person.facts)
        self.unasked = 0
        self.pending = {slot: list(steps) for slot, steps in person.interrupts.items()}
        self.skips = {slot: list(steps) for slot, steps in person.skips.items()}
        self.corrections = list(person.corrections)
        self.leaving = person.leaves

    def talk(self) -> Outcome:
        """Go through the whole conversation; what breaks on the way is one of its problems."""
        try:
            self._talk()
        except (AssertionError, httpx.HTTPError, StopIteration) as error:
            self.outcome.problems.append(f"broke off: {(str(error) or type(error).__name__).splitlines()[0]}")
        return self.outcome

    def _talk(self) -> None:
        for text in self.person.opening:
            replies = self._do(text)
        self.outcome.told |= set(self.person.tells)
        turns = len(self.person.opening)
        while (step := self._next(replies)) is not None:
            turns += 1
            if turns > LONGEST:
                self.outcome.problems.append(f"gave up after {LONGEST} turns")
                return
            replies = self._do(step)

    def _next(self, replies: list[Reply]) -> Step | Tap | None:
        """Return what the shopper does now, None where the conversation is over."""
        self.outcome.number = next((n for one in replies if (n := one.custom.get("complaint_number"))), None)
        if self.outcome.number:
            return None
        if self.steps:
            return self.steps.pop(0)
        asked = next((reply.asks for reply in reversed(replies) if reply.asks), None)
        return self._answer(asked) if asked else self._unasked()

    def _unasked(self) -> Step | Tap | None:
        """Go on where nothing is asked: come back, tap what the data names, or say what the matter is."""
        if self._has_left():
            return self._come_back()
        self.unasked += 1
        if self.unasked > PATIENCE_WITH_SILENCE:
            self.outcome.problems.append("gave up: not understood, and asked nothing")
            return None
        wanted = [self.person.facts["complaint_kind"].tap, *self.person.when_lost]
        tap = next((title for title in wanted if title in self._offered()), None)
        return {"tap": tap} if tap else self._say_fact("complaint_kind")

    def _answer(self, asked: str) -> Step | Tap | None:
        if self._leaves(asked):
            assert self.leaving is not None
            return self.leaving.says
        if self._has_left() and asked != "resume_draft":
            return {"keep_draft": DROP if self.person.ends == "stopped_dropped" else KEEP}.get(asked)
        self._note(asked)
        if self.outcome.questions.count(asked) > PATIENCE_WITH_QUESTIONS:
            self.outcome.problems.append(f"gave up: asked for {asked} more than {PATIENCE_WITH_QUESTIONS} times")
            return None
        first = self._first(asked)
        if first is not None:
            return first
        return ANSWERS[asked] if asked in ANSWERS else self._say_fact(asked)

    def _note(self, asked: str) -> None:
        """Keep that it was asked, and whether that was called for."""
        if asked in ANSWERS:
            return
        self.outcome.questions.append(asked)
        if asked in self.outcome.told:
            self.outcome.asked_again.append(asked)

    def _first(self, asked: str) -> Step | None:
        """Return what is said before, or instead of, an answer: an interruption, a correction, a wish to skip."""
        if self.pending.get(asked):
            return self.pending[asked].pop(0)
        correction = next((one for one in self.corrections if one.at == asked), None)
        if correction:
            return self._correct(correction)
        return self._skip(asked) if self.skips.get(asked) else None

    def _correct(self, correction: Correction) -> Step:
        self.corrections.remove(correction)
        self.outcome.corrected.add(correction.slot)
        first, *self.steps = correction.steps
        self.facts[correction.slot] = Fact(says=str(correction.steps[-1]))  # what is said where it is asked for again
        return first

    def _skip(self, slot: str) -> Step:
        """Say that there is nothing to tell; where the button for it is missing, say so once more."""
        step = self.skips[slot][0]
        if isinstance(step, dict) and step["tap"] not in self._offered():
            self.outcome.asked_again.append(slot)
            return self.outcome.said[-1]
        self.skips[slot].pop(0)
        if not self.skips[slot]:
            self.outcome.told.add(slot)
        return step

    def _say_fact(self, slot: str) -> Step:
        """Tell the slot; where the data has no words for it, what was said at first is said again."""
        fact = self.facts.get(slot) or (Fact() if slot in self.person.tells else None)
        if fact is None:
            if slot not in self.person.skips:
                self.outcome.problems.append(f"asked for {slot}, which nobody foresaw")
            return LOST_FOR_WORDS
        step = self._words(fact)
        self.outcome.told |= {slot} if isinstance(step, dict) else {slot, *fact.also}  # a button tells no more than its slot
        return step

    def _words(self, fact: Fact) -> Step:
        if fact.tap is not None and (fact.tap in self._offered() or fact.says is None):
            return {"tap": fact.tap}
        return fact.says or self.person.opening[-1]

    # ------------------------------------------------------------ leaving

    def _leaves(self, asked: str) -> bool:
        if self.leaving is None or self._has_left() or self.leaving.at != asked:
            return False
        self._note(asked)
        return True

    def _has_left(self) -> bool:
        return self.leaving is not None and self.leaving.says in self.outcome.said

    def _come_back(self) -> Step | None:
        """Return later, once, where the data says so; from then on the shopper stays."""
        assert self.leaving is not None
        returns, self.leaving = self.leaving.returns, None if self.leaving.returns else self.leaving
        return returns

    # ------------------------------------------------------------ doing

    def _offered(self) -> set[str]:
        return {title for reply in self.widget.last for title in reply.buttons}

    def _do(self, step: Step | Tap) -> list[Reply]:
        if isinstance(step, str):
            replies, shown = self.widget.say(step), step
            self.outcome.said.append(step)
        elif isinstance(step, Tap) or "tap" in step:
            title = step.title if isinstance(step, Tap) else step["tap"]
            assert title in self._offered(), f"there was no button «{title}»"
            replies, shown = self.widget.tap(title), f"[{title}]"
            self.outcome.tapped.append(title)
        else:
            replies, shown = self._edit(step["edit"]), f"[✎ {step['edit']}]"
        self._keep(shown, replies)
        return replies

    def _edit(self, slot: str) -> list[Reply]:
        """Tap the line of the summary."""
        lines = [line for reply in self.widget.last for line in reply.custom.get("summary", [])]
        return self.widget.replies(self.widget.send(choice=next(line["edit"] for line in lines if line["slot"] == slot)))

    def _keep(self, shown: str, replies: list[Reply]) -> None:
        self.outcome.transcript.append(f"→ {shown}")
        for reply in replies:
            self.outcome.heard.append(reply.text)
            asks = f"   ({reply.asks})" if reply.asks else ""
            self.outcome.transcript.append(f"← {reply.text}{asks}")
