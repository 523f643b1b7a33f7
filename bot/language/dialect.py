from functools import cache, lru_cache

from bot.language.rows import rows
from bot.language.spelling import fold
import os

OPT = set(os.environ.get("OPT", "").split(","))
LONGEST = 24


@cache
def _lexicon() -> dict[str, str]:
    lexicon = {}
    for row in rows("dialect"):
        lexicon[fold(row["surface"])] = fold(row["canonical"])
    return lexicon


@cache
def _verbs() -> frozenset[str]:
    return frozenset(fold(r["surface"]) for r in rows("dialect") if r["pos"] == "verb")


@cache
def _nouns() -> frozenset[str]:
    return frozenset(
        fold(r["surface"])
        for r in rows("dialect")
        if r["pos"] in ("noun", "possession", "adverb", "adjective", "demonstrative", "question", "negation", "verb")
    )


def canonical(word: str) -> str:
    return " ".join(map(_one, fold(word).split(" ")))


@lru_cache(maxsize=1 << 16)
def _one(word):
    if len(word) > LONGEST:
        return word
    known = _lexicon().get(word)
    if known is not None:
        return known if "nolex" not in OPT else word
    return ("neg" in OPT and _denied(word)) or ("pre" in OPT and _verb(word)) or ("cl" in OPT and _clitic(word)) or word


def _verb(word):
    if word in _verbs():
        return _lexicon()[word]
    for p in ("ب", "ه", "ح", "ك", "غ", "د", "من"):
        if word.startswith(p):
            rest = word[len(p) :]
            if p == "من":
                rest = "ن" + rest
            if rest[:1] in ("ا", "ي", "ت", "ن") and rest in _verbs():
                return _lexicon()[rest]
            if p in "بهح" and "ا" + rest in _verbs() and len(rest) > 2:
                return _lexicon()["ا" + rest]
    if "suf" in OPT:
        for s in SUF:
            if word.endswith(s) and len(word) - len(s) >= 3:
                r = _verb(word[: -len(s)])
                if r and "sufkeep" in OPT:
                    return r.removesuffix("ا") + s if r.endswith("وا") else r + s
                if r and "sufsp" in OPT:
                    return r + " " + s
                if r:
                    return r
    return None


SUF = ("لكم", "لنا", "لهم", "لها", "لي", "لك", "له", "كم", "كن", "ها", "هم", "ني", "نا", "ك", "ه")


def _denied(word):
    if len(word) > 4 and word.startswith("ما") and word.endswith("ش"):
        return "ما " + _one(word[2:-1])
    if len(word) > 4 and word.startswith("م") and word.endswith("ش"):
        r = _verb(word[1:-1])
        if r:
            return "ما " + r
    if len(word) > 4 and word.endswith("ش"):
        r = _verb(word[:-1])
        if r:
            return ("ما " + r) if "shma" in OPT else r
    if "ma" in OPT and len(word) > 5 and word.startswith("ما"):
        r = _verb(word[2:])
        if r:
            return "ما " + r
    return None


PRE = ("وال", "بال", "فال", "عال", "هال", "لل", "ال", "و", "ب", "ل", "ف", "ه")
NSUF = ("كم", "كن", "ها", "هم", "نا", "ي", "ك", "ه")


def _clitic(word):
    for p in PRE:
        if word.startswith(p) and len(word) - len(p) >= 3:
            rest = word[len(p) :]
            if rest in _nouns():
                c = _lexicon()[rest]
                return c if "cldrop" in OPT else p + c
            if "wv" in OPT and p == "و":
                r = _verb(rest) or _denied(rest)
                if r:
                    return p + r
    return None
