"""What the shopper asks the shop to do.

A wish has to be said; a remedy that is merely mentioned is none. A phrase of tables/remedies.tsv counts
- of kind `ask` (an imperative, "give me my money back"): where it stands;
- of kinds `thing` and `answer` ("my money"): with a word of wishing among the few words before it;
- of kind `near` ("the order", which much else is said about): with a word of wishing right before it;
- of kind `answer`: as a whole message of few words as well, for that is how the form's question is answered.
It does not count if a negation stands right before it, with nothing but auxiliaries between ("they did not return my
money", "I do not want a voucher"), nor if, later than any wish, others' words, a condition or a question come before it in
the same clause ("they promised a refund", "when will you return my money"). "Nothing but my money" is a wish.
"""

import re
from collections.abc import Sequence
from functools import cache

from bot.language.found import Found
from bot.language.phrasebook import Spoken, Token, spoken, tokens
from bot.language.phrases import values
from bot.language.plain import plain

_TABLE = "remedies"
_REMEDIES = ("ask", "thing", "near", "answer")
_AGAINST = ("told", "question")
_KINDS = (*_REMEDIES, "wish", "request", "no", "except", "or", "mention", *_AGAINST)
# "Did not" of Egypt and the Maghreb is written around the verb: m(a)-...-sh.
_SH = "\u0634"
_AROUND = re.compile(f"\u0645\u0627?\\w{{2,}}{_SH}")
_CLAUSE_ENDS = frozenset(".!?;,\u060c\u061b\u061f")
_REACH = 7  # words that a wish, a question or a report reaches
_WORDS_BETWEEN = 3  # auxiliaries between a negation and what it denies
_NEAR = 1  # words at most between a wish and what must be near it
_WORDS_OF_AN_ANSWER, _UNKNOWN = 4, 1  # words of a message that is an answer, and of them not in the table


@cache
def _between() -> frozenset[str]:
    return frozenset(values(_TABLE, "between"))


def _denied(said: Spoken, words: Sequence[Token], negations: frozenset[int]) -> bool:
    """Whether a negation stands before it with nothing but auxiliaries between."""
    for place in range(said.first - 1, max(-1, said.first - 2 - _WORDS_BETWEEN), -1):
        if place in negations:
            return True
        if words[place].text not in _between():
            return False
    return False


def _clause_starts(words: Sequence[Token]) -> list[int]:
    """For each word, the number of its clause's first word."""
    starts, start = [], 0
    for place, word in enumerate(words):
        starts.append(start)
        if word.text in _CLAUSE_ENDS:
            start = place + 1
    return starts


class _Message:
    """A message's words and what was said in them, asked whether its remedies are wishes."""

    def __init__(self, text: str) -> None:
        self.plain = plain(text)
        self.words = tokens(self.plain)
        self.said = spoken(_TABLE, self.words, _KINDS)
        self.starts = _clause_starts(self.words)
        self.negations = self._negations()

    def _negations(self) -> frozenset[int]:
        ending = ((place, word.text) for place, word in enumerate(self.words) if word.text.endswith(_SH))
        around = (place for place, word in ending if _AROUND.fullmatch(word))
        said = (place for one in self.said if one.kind == "no" for place in range(one.first, one.last + 1))
        return frozenset({*around, *said})

    def wishes(self) -> list[Spoken]:
        short = self._is_short_answer()
        return [one for place, one in enumerate(self.said) if one.kind in _REMEDIES and self._is_wish(place, one, short)]

    def _is_wish(self, place: int, one: Spoken, short: bool) -> bool:
        if _denied(one, self.words, self.negations):
            return False
        if short and one.kind in ("ask", "answer"):
            return True
        heard, distance = self._heard_before(place, one)
        if one.kind == "ask":
            return heard not in _AGAINST
        if heard == "request":
            return distance == 0 and one.kind != "near"
        return heard == "wish" and (one.kind != "near" or distance <= _NEAR)

    def _heard_before(self, place: int, one: Spoken) -> tuple[str, int]:
        """The kind of the last wish, report, mention or question that reaches it in its clause, and how many words off."""
        earliest = max(self.starts[one.first], one.first - _REACH)
        excepted = False
        for before in reversed(self.said[max(0, place - _REACH) : place]):
            if before.last < earliest:
                break
            excepted = excepted or before.kind == "except"
            if before.kind in ("wish", "request"):
                denied = not excepted and _denied(before, self.words, self.negations)
                return "told" if denied else before.kind, one.first - before.last - 1
            if before.kind in (*_AGAINST, "mention"):
                return before.kind, 0
        return "", 0

    def _is_short_answer(self) -> bool:
        """Few words, no doubt among them, and nearly all of them known: "the best app for deliveries" asks nothing."""
        count = sum(word.text not in _CLAUSE_ENDS for word in self.words)
        known = sum(one.last + 1 - one.first for one in self.said)
        doubted = self.negations or any(one.kind in (*_AGAINST, "mention") for one in self.said)
        return count <= _WORDS_OF_AN_ANSWER and count - known <= _UNKNOWN and not doubted


def asks(text: str) -> bool:
    """Whether a question word stands first or second: what asks is no wish."""
    return any(one.kind == "question" and one.first <= 1 for one in _Message(text).said)


def find_answers(text: str) -> list[Found]:
    """As find_remedies, in an answer to "what would you like us to do": what is named there is wished for."""
    wish = next(iter(values(_TABLE, "wish")))
    return find_remedies(text) or find_remedies(f"{wish} {text}")


def find_remedies(text: str) -> list[Found]:
    """The remedies wished for: refund, replacement, deliver_now, repair, price_difference, compensation, apology."""
    message = _Message(text)
    return [message.plain.found(one.start, one.end, one.value) for one in message.wishes()]
