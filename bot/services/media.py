"""What a file is, by its content and never by its name; pictures are drawn anew, without what cameras write into them."""

import warnings
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from bot.domain.errors import FileBroken, FileKindUnknown
from bot.domain.evidence import Kind

MOST_PIXELS = 50_000_000
"""A picture of more is refused before it is unpacked."""

LONGEST_SIDE = 2560
"""Pixels of a picture that is kept: a receipt can be read in it."""

PICTURES = ("JPEG", "PNG", "WEBP", "GIF")
QUALITY = 85
HEAD = 1024
"""Bytes in which a file says what it is."""


@dataclass(frozen=True, slots=True)
class Media:
    kind: Kind
    media_type: str


def recognise(file: Path) -> Media:
    """Return what the file is; raise FileKindUnknown for anything but a picture, a PDF, an MP4, a MOV or a WebM."""
    with file.open("rb") as stream:
        head = stream.read(HEAD)
    if b"%PDF-" in head:
        return Media(Kind.DOCUMENT, "application/pdf")
    if head[4:8] == b"ftyp" and head[8:12] not in (b"heic", b"heix", b"mif1", b"avif"):
        return Media(Kind.VIDEO, "video/quicktime" if head[8:12] == b"qt  " else "video/mp4")
    if head.startswith(b"\x1a\x45\xdf\xa3") and b"webm" in head:
        return Media(Kind.VIDEO, "video/webm")
    if _is_picture(file):
        return Media(Kind.IMAGE, "image/jpeg")
    raise FileKindUnknown("neither a picture nor a PDF nor a video by its content")


def _is_picture(file: Path) -> bool:
    try:
        with _opened(file):
            return True
    except UnidentifiedImageError:
        return False


def redraw(file: Path, into: Path) -> None:
    """Write the picture as a JPEG of its pixels alone, upright; raise FileBroken where it cannot be unpacked."""
    try:
        with _opened(file) as picture:
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            _on_white(upright).save(into, "JPEG", quality=QUALITY, optimize=True)
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise FileBroken(f"the picture cannot be unpacked: {type(error).__name__}") from error


def _opened(file: Path) -> Image.Image:
    """Open a picture without unpacking it; raise FileBroken where it would unpack to too much."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own bound, below, is lower
        try:
            picture = Image.open(file, formats=PICTURES)
        except Image.DecompressionBombError as error:
            raise FileBroken("a picture of far too many pixels") from error
    if picture.width * picture.height > MOST_PIXELS:
        picture.close()
        raise FileBroken(f"a picture of {picture.width} by {picture.height} pixels: {MOST_PIXELS} are the most")
    return picture


def _on_white(picture: Image.Image) -> Image.Image:
    """What is see-through would be black in a JPEG."""
    if picture.mode in ("RGB", "L"):
        return picture.convert("RGB")
    layer = picture.convert("RGBA")
    paper = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(paper, layer).convert("RGB")
