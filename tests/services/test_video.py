"""A film forgets where it was made, and nothing else of it changes."""

import struct
from pathlib import Path

import pytest

from bot.domain.errors import FileBroken
from bot.services.video import forget_place

PLACE = b"+24.7136+046.6753+612.000/"
FTYP = struct.pack(">I4s4sI4s", 20, b"ftyp", b"isom", 0, b"isom")


def box(kind: bytes, content: bytes = b"", *, long: bool = False) -> bytes:
    if long:
        return struct.pack(">I4sQ", 1, kind, 16 + len(content)) + content
    return struct.pack(">I4s", 8 + len(content), kind) + content


def film(tmp_path: Path, content: bytes) -> Path:
    file = tmp_path / "film.mp4"
    file.write_bytes(content)
    return file


@pytest.mark.parametrize(
    "telling",
    [
        box(b"moov", box(b"mvhd", b"head") + box(b"udta", box(b"\xa9xyz", PLACE))),
        box(b"moov", box(b"meta", b"com.apple.quicktime.location.ISO6709" + PLACE)),
        box(b"moov", box(b"trak", box(b"tkhd", b"t") + box(b"udta", box(b"loci", PLACE)))),
        box(b"uuid", b"\xbe\x7a\xcf\xcb\x97\xa9\x42\xe8 XMP " + PLACE),
        box(b"meta", PLACE, long=True),
        box(b"moof", box(b"traf", box(b"udta", PLACE))),
    ],
)
def test_the_place_is_gone_and_the_film_keeps_every_offset(tmp_path: Path, telling: bytes) -> None:
    pictures = box(b"mdat", b"pictures and sound")
    file = film(tmp_path, FTYP + telling + pictures)
    assert forget_place(file) == 1
    left = file.read_bytes()
    assert PLACE not in left
    assert b"free" in left
    assert len(left) == len(FTYP + telling + pictures)
    assert left.startswith(FTYP)
    assert left.endswith(pictures)
    assert forget_place(file) == 0


def test_a_film_that_tells_nothing_is_not_touched(tmp_path: Path) -> None:
    whole = FTYP + box(b"moov", box(b"mvhd", b"x" * 100)) + box(b"mdat", b"udta meta uuid")
    file = film(tmp_path, whole)
    assert forget_place(file) == 0
    assert file.read_bytes() == whole


def test_a_last_box_without_a_size_reaches_to_the_end(tmp_path: Path) -> None:
    file = film(tmp_path, FTYP + struct.pack(">I4s", 0, b"mdat") + b"pictures")
    assert forget_place(file) == 0


@pytest.mark.parametrize(
    "broken",
    [
        FTYP + struct.pack(">I4s", 4_000_000_000, b"moov") + b"x",
        FTYP + struct.pack(">I4s", 3, b"moov") + b"x",
        FTYP + struct.pack(">I4sQ", 1, b"moov", 2**63) + b"x",
        FTYP + struct.pack(">I4s", 1, b"moov"),
        FTYP + box(b"moov", struct.pack(">I4s", 100, b"trak")),
        FTYP + box(b"skip") * 30_000,
    ],
)
def test_boxes_that_do_not_add_up_are_refused(tmp_path: Path, broken: bytes) -> None:
    with pytest.raises(FileBroken):
        forget_place(film(tmp_path, broken))


def test_boxes_in_boxes_without_end_are_not_followed(tmp_path: Path) -> None:
    nested = b""
    for _ in range(2_000):
        nested = box(b"moov", nested)
    forget_place(film(tmp_path, FTYP + nested))
