"""Brings sentences from files into the analysts' inbox: shown before it is written; the same file changes nothing twice.

A sentence that is not there yet comes in, counted as often as it stands in the import. One that is there is not counted
again: it takes the file's label as a suggestion if it has none. So an import can be repeated, and needs no memory of files.
"""

import csv
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import PurePath

from bot.domain.conversation import Reading
from bot.domain.errors import NotAllowed, NotText, TextEmpty, TextTooLong
from bot.domain.imports import MOST_BYTES, MOST_LINES, Fate, Import, Line, Reason
from bot.domain.label import LabelState, Mark, Utterance, hash_of
from bot.domain.user import Permission, User
from bot.language.encodings import decode
from bot.language.sheets import SheetRow, read_sheet
from bot.language.spelling import clean, fold
from bot.language.transcripts import NobodyKnown, said_by_shoppers
from bot.language.variety import variety_of
from bot.services.chat import checked
from bot.services.inbox import Verdict, keep_decision, require_readable
from bot.services.ports import Clock, Store, Work

OUT_OF_SCOPE = "out_of_scope"


@dataclass(frozen=True, slots=True)
class File:
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to do with the files: who speaks for shoppers in a transcript, and whether labels count as accepted."""

    shopper: str = ""
    accept: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What sentences are held against, and what reads them."""

    labels: Callable[[], frozenset[str]]
    entities: Callable[[], frozenset[str]]
    held_out: Callable[[], list[str]]
    """Questions models are judged by."""
    read_yaml: Callable[[str, str], list[Line]]
    """Reads a file (its name, its text) of Rasa's training data."""
    guess: Callable[[list[str]], list[Reading]]
    """Reads sentences with the live model; without one, readings are empty."""


class Importing:
    def __init__(self, store: Store, clock: Clock, known: Known) -> None:
        self._store = store
        self._clock = clock
        self._known = known

    def preview(self, files: Iterable[File], wanted: Wanted) -> Import:
        """Return what would become of every sentence; raise NotAllowed where a file cannot be read."""
        found = [line for file in files for line in self._lines(file, wanted.shopper)]
        if len(found) > MOST_LINES:
            raise NotAllowed(f"{len(found)} sentences are more than {MOST_LINES}: split the file", "import_too_many")
        unknown = Counter(line.label for line in found if line.label and line.label not in self._known.labels())
        asked = frozenset(map(fold, self._known.held_out()))
        lines = _merged([self._judged(line, unknown, asked) for line in self._cleaned(found)])
        with self._store.read() as work:
            return Import(self._placed(work, lines, wanted), unknown)

    def write(self, user: User, files: Iterable[File], wanted: Wanted) -> Import:
        """Write what a preview shows; labels are accepted in the user's name if so wanted, otherwise suggested."""
        user.require(Permission.LABEL)
        shown = self.preview(files, wanted)
        fresh = self._read([line for line in shown.lines if line.fate is Fate.NEW])
        with self._store.write() as work:
            work.labels.bring(fresh)
            for line, utterance in _labelled(work, shown.lines):
                self._label(work, user, line, utterance, wanted)
            work.commit()
        return shown

    # --- Reading files ---------------------------------------------------------------------------------------------------

    def _lines(self, file: File, shopper: str) -> list[Line]:
        if len(file.content) > MOST_BYTES:
            raise NotAllowed(f"{file.name} is larger than {MOST_BYTES:,} bytes", "import_too_large")
        text = decode(file.content)
        if text is None:
            raise NotAllowed(f"{file.name} is no text", "import_no_text")
        kind = PurePath(file.name).suffix.lower()
        if kind in (".yml", ".yaml"):
            return self._known.read_yaml(file.name, text)
        return _of_sheet(file.name, text) if kind in (".csv", ".tsv") else _of_transcript(file.name, text, shopper)

    def _cleaned(self, lines: list[Line]) -> list[Line]:
        """Put texts into the form in which messages are kept; what is empty then goes, what is none is refused."""
        kept = []
        for line in lines:
            try:
                kept.append(_with_text(line, checked(line.text)))
            except TextEmpty:
                continue
            except TextTooLong:
                kept.append(replace(line, reason=Reason.TOO_LONG))
            except NotText:
                kept.append(replace(line, reason=Reason.NOT_TEXT))
        return kept

    # --- Judging lines ---------------------------------------------------------------------------------------------------

    def _judged(self, line: Line, unknown: Counter[str], asked: frozenset[str]) -> Line:
        """Refuse questions models are judged by and marks that mean nothing; take a label away that cannot be trained."""
        reason = line.reason
        if reason is None and fold(line.text) in asked:
            reason = Reason.HELD_OUT
        if reason is None and not self._readable(line):
            reason = Reason.MARKS
        label = "" if line.label in unknown else line.label
        return replace(line, label=label, reason=reason, fate=Fate.REFUSED if reason else Fate.NEW)

    def _readable(self, line: Line) -> bool:
        if not {mark.entity for mark in line.marks} <= self._known.entities():
            return False
        try:
            require_readable(line.text, _entities(line))
        except NotAllowed:
            return False
        return True

    def _placed(self, work: Work, lines: list[Line], wanted: Wanted) -> list[Line]:
        open_lines = [line for line in lines if line.fate is not Fate.REFUSED]
        kept = work.labels.by_hashes([_hash(line) for line in open_lines])
        return [line if line.fate is Fate.REFUSED else _placed(line, kept.get(_hash(line)), wanted) for line in lines]

    # --- Writing ---------------------------------------------------------------------------------------------------------

    def _read(self, lines: list[Line]) -> list[Utterance]:
        now = self._clock()
        made = []
        for line, read in zip(lines, self._known.guess([line.text for line in lines]), strict=True):
            utterance = Utterance(
                fold(line.text), line.text, read.intent, read.confidence, read.model, now, now, read.ranking, line.times,
                suggestion=line.label or None, entities=_entities(line), variety=variety_of(line.text),
            )  # fmt: skip
            made.append(utterance)
        return made

    def _label(self, work: Work, user: User, line: Line, utterance: Utterance, wanted: Wanted) -> None:
        if utterance.state is not LabelState.NEW:
            return
        # Marks belong to the letters they were made on: another spelling of the sentence keeps its own.
        entities = _entities(line) if line.text == utterance.text and line.marks else utterance.entities
        if not wanted.accept:
            if utterance.suggestion is None:
                utterance.suggest(line.label)
                utterance.entities = entities
            return
        verdict = Verdict(_state(line.label), line.label, tuple(entities))
        keep_decision(work, user, utterance, verdict, self._clock(), utterance.version)


def _of_sheet(name: str, text: str) -> list[Line]:
    try:
        return [_of_row(name, row) for row in read_sheet(text)]
    except csv.Error as error:
        raise NotAllowed(f"{name} is no table: {error}", "import_unreadable") from error


def _of_row(name: str, row: SheetRow) -> Line:
    """Mark what the row's other cells name, each where it stands first; what is not in the text refuses the row."""
    marks: list[Mark] = []
    for entity, words in row.values:
        place = row.text.find(words)
        if place < 0:
            return Line(name, row.line, row.text, row.label, reason=Reason.MARKS)
        marks.append(Mark(place, place + len(words), entity))
    return Line(name, row.line, row.text, row.label, tuple(sorted(marks)))


def _of_transcript(name: str, text: str, shopper: str) -> list[Line]:
    try:
        return [Line(name, one.line, one.text) for one in said_by_shoppers(text, shopper)]
    except NobodyKnown as error:
        raise NotAllowed(f"{name}: {error}; --shopper names who it is", "import_speakers") from error


def _with_text(line: Line, text: str) -> Line:
    """Return the line with a cleaned text, its marks on the same words; it is refused where these cannot be found."""
    if text == line.text:
        return line
    marked = [clean(line.text[one.start : one.end]) for one in line.marks]
    starts = [_after_cleaning(line.text, one.start) for one in line.marks]
    marks = tuple(
        Mark(start, start + len(words), one.entity) for start, words, one in zip(starts, marked, line.marks, strict=True)
    )
    same = [text[one.start : one.end] for one in marks] == marked
    return replace(line, text=text, marks=marks, reason=line.reason or (None if same else Reason.MARKS))


def _after_cleaning(text: str, place: int) -> int:
    """Return where a place is once the text before it is cleaned; a letter behind keeps its last blank."""
    return len(clean(text[:place] + "x")) - 1


def _merged(lines: list[Line]) -> list[Line]:
    """Make one of lines that are equal after folding; the first with a label gives it, another label is refused."""
    kept: dict[str, Line] = {}
    refused = []
    for line in lines:
        first = kept.get(_hash(line)) if line.fate is not Fate.REFUSED else None
        if line.fate is Fate.REFUSED or (first and line.label and first.label and line.label != first.label):
            refused.append(replace(line, fate=Fate.REFUSED, reason=line.reason or Reason.TWO_LABELS))
        elif first is None:
            kept[_hash(line)] = line
        else:
            chosen = first if first.label or not line.label else line
            kept[_hash(line)] = replace(chosen, times=first.times + 1)
    return sorted([*kept.values(), *refused], key=lambda line: (line.file, line.number))


def _placed(line: Line, kept: Utterance | None, wanted: Wanted) -> Line:
    """Return the line with what becomes of it beside the utterance that is `kept`, None where it is new."""
    if kept is None:
        return line
    if kept.state in (LabelState.ACCEPTED, LabelState.OUT_OF_SCOPE) and line.label and line.label != kept.label:
        return replace(line, fate=Fate.CONFLICT, before=kept.label or "")
    is_news = kept.state is LabelState.NEW and line.label and (wanted.accept or kept.suggestion is None)
    return replace(line, fate=Fate.LABELLED if is_news else Fate.KNOWN)


def _labelled(work: Work, lines: list[Line]) -> list[tuple[Line, Utterance]]:
    fitting = [line for line in lines if line.label and line.fate in (Fate.NEW, Fate.LABELLED)]
    kept = work.labels.by_hashes([_hash(line) for line in fitting], for_update=True)
    return [(line, kept[_hash(line)]) for line in fitting]


def _state(label: str) -> LabelState:
    return LabelState.OUT_OF_SCOPE if label == OUT_OF_SCOPE else LabelState.ACCEPTED


def _entities(line: Line) -> list[dict[str, object]]:
    return [{"start": one.start, "end": one.end, "entity": one.entity} for one in line.marks]


def _hash(line: Line) -> str:
    return hash_of(fold(line.text))
