"""Write bot/language/tables/emoji.tsv from CAMeL's data: `python -m tests.language.emoji_table` after an upgrade."""

from pathlib import Path

import bot.language

TABLE = Path(bot.language.__file__).parent / "tables" / "emoji.tsv"
HEAD = """\
# Emoji sequences of more than one character that CAMeL's tokenizer keeps whole (3,835 of emoji 2.16), as code points: any of
# `first` followed by any of `then`. Written by `python -m tests.language.emoji_table`.
first\tthen
"""


def codes(text: str) -> str:
    """The code points of a text as "1F468-200D"."""
    return "-".join(f"{ord(char):X}" for char in text)


def table(sequences: set[str] | frozenset[str]) -> str:
    """The table's text: first characters with the same continuations share a row."""
    tails: dict[str, set[str]] = {}
    for sequence in sequences:
        tails.setdefault(sequence[0], set()).add(sequence[1:])
    firsts: dict[frozenset[str], list[str]] = {}
    for first, then in tails.items():
        firsts.setdefault(frozenset(then), []).append(first)
    rows = ((sorted(first), sorted(then)) for then, first in firsts.items())
    return HEAD + "".join(f"{' '.join(map(codes, first))}\t{' '.join(map(codes, then))}\n" for first, then in sorted(rows))


if __name__ == "__main__":
    from camel_tools.utils.charsets import EMOJI_MULTICHAR_CHARSET

    TABLE.write_text(table(EMOJI_MULTICHAR_CHARSET), "utf-8")
