"""Words with offsets: the tokens of `camel_tools.tokenizers.word.simple_word_tokenize`, found much faster.

CAMeL tries some twelve thousand alternatives (every symbol and 3,835 emoji sequences) before it tries a word. Here a
character that begins no emoji sequence goes straight to the word, and the sequences are grouped by their first
characters (`tables/emoji.tsv`, made and checked by tests/language/test_words.py). Its order of preference is kept: the
longest sequence, one punctuation mark or symbol, a run of letters, marks and numbers; anything else is passed over.
"""

import re
from dataclasses import dataclass
from functools import cache

from bot.language.charsets import inside_brackets, of_categories
from bot.language.rows import rows


@dataclass(frozen=True, slots=True, init=False)
class Word:
    """A token: `text` is the text's `[start:end]`."""

    text: str
    start: int
    end: int

    def __init__(self, text: str, start: int, end: int) -> None:
        # A frozen dataclass writes through object.__setattr__; writing to the slots themselves takes half the time,
        # and making words is two thirds of tokenizing.
        _set_text(self, text)
        _set_start(self, start)
        _set_end(self, end)


_set_text, _set_start, _set_end = (vars(Word)[name].__set__ for name in ("text", "start", "end"))


def _characters(codes: str) -> str:
    return "".join(chr(int(code, 16)) for code in codes.split("-"))


@cache
def emoji() -> dict[str, tuple[str, ...]]:
    """First character of an emoji sequence to what may follow it, longest first."""
    return {
        first: tuple(sorted(map(_characters, row["then"].split()), key=len, reverse=True))
        for row in rows("emoji")
        for first in map(_characters, row["first"].split())
    }


def _sequences() -> str:
    firsts_by_tails: dict[tuple[str, ...], str] = {}
    for first, tails in emoji().items():
        firsts_by_tails[tails] = firsts_by_tails.get(tails, "") + first
    return "|".join(
        f"[{re.escape(firsts)}](?:{'|'.join(map(re.escape, tails))})" for tails, firsts in firsts_by_tails.items()
    )


@cache
def _token() -> re.Pattern[str]:
    """The grammar twice: a quick form of its commonest cases, then the whole of it.

    A class with characters beyond the first plane is searched range by range, so the quick forms know the first plane
    alone, and stand aside (possessively) for a word that goes on beyond it and for a digit that may begin a keycap.
    """
    firsts = "".join(emoji())
    seconds = inside_brackets({ord(tail[0]) for tails in emoji().values() for tail in tails})
    word, start = of_categories("LMN", plane=0), of_categories("LMN", without=firsts, plane=0)
    mark = of_categories("PS", without=firsts, plane=0)
    keycaps = inside_brackets({ord(first) for first in firsts if first.isalnum()})
    return re.compile(
        f"(?:[{start}]|[{keycaps}](?![{seconds}]))[{word}]*+(?![\U00010000-\U0010ffff])|[{mark}]"
        f"|(?=\\S)(?:{_sequences()}|[{of_categories('PS')}]|[{of_categories('LMN')}]+)"
    )


def words(text: str) -> list[Word]:
    """The words, single symbols and emoji sequences of a text, in order; white space and controls are in none."""
    return [Word(token[0], token.start(), token.end()) for token in _token().finditer(text)]
