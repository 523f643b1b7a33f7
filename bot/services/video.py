"""Takes out of an MP4 or MOV what a phone writes beside the pictures: where it was filmed, by whom, with what.

Such notes are boxes (ISO/IEC 14496-12) of their own. Each is overwritten with nothing and renamed to `free`, which players
pass over: no byte changes its place, so that the offsets of the film still hold. Positions that some action cameras write as
a track of the film itself stay.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from bot.domain.errors import FileBroken

HOLDS_BOXES = frozenset({b"moov", b"trak", b"moof", b"traf"})
TELLS = frozenset({b"udta", b"meta", b"uuid", b"loci"})
"""User data, metadata (Apple's location is there), XMP and the like, 3GPP's location."""

MOST_BOXES = 20_000
DEEPEST = 4
PIECE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Box:
    kind: bytes
    at: int
    inside: int
    """Where its content begins."""
    end: int


def forget_place(file: Path) -> int:
    """Blank the notes of a film in place; return how many there were. Raise FileBroken where its boxes do not add up."""
    with file.open("r+b") as film:
        size = film.seek(0, 2)
        notes = [box for box in _boxes(film, 0, size, 0) if box.kind in TELLS]
        for box in notes:
            film.seek(box.at + 4)
            film.write(b"free")
            _blank(film, box)
    return len(notes)


def _boxes(film: BinaryIO, begin: int, end: int, depth: int) -> Iterator[Box]:
    """Yield the boxes between two places, and those inside the ones that hold boxes."""
    at, count = begin, 0
    while at + 8 <= end:
        box = _box(film, at, end)
        yield box
        if box.kind in HOLDS_BOXES and depth < DEEPEST:
            yield from _boxes(film, box.inside, box.end, depth + 1)
        at, count = box.end, count + 1
        if count > MOST_BOXES:
            raise FileBroken(f"a film of more than {MOST_BOXES} boxes")


def _box(film: BinaryIO, at: int, end: int) -> Box:
    film.seek(at)
    size, kind = struct.unpack(">I4s", film.read(8))
    inside = at + 8
    if size == 1:
        long = film.read(8)
        if len(long) < 8:
            raise FileBroken("a film that ends inside a box's head")
        (size,) = struct.unpack(">Q", long)
        inside = at + 16
    stop = end if size == 0 else at + size
    if stop < inside or stop > end:
        raise FileBroken(f"a film with a box of {size} bytes where {end - at} are left")
    return Box(kind, at, inside, stop)


def _blank(film: BinaryIO, box: Box) -> None:
    film.seek(box.inside)
    left = box.end - box.inside
    while left > 0:
        film.write(bytes(min(left, PIECE)))
        left -= PIECE
