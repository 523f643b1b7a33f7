"""Files that shoppers show: what is taken in, what is not and why, who may see it, and which complaint gets it."""

import io
import re
import uuid
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from PIL import Image

from bot.domain.evidence import LARGEST_FILE, MOST_FILES
from bot.services.evidence import GOOD_FOR, TAKEN_BACK_AFTER
from bot.services.media import LONGEST_SIDE, MOST_PIXELS
from tests.conftest import Clock
from tests.web.site import Shopper, Site

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
MP4 = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + b"\x00" * 64
MOV = b"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00qt  " + b"\x00" * 64
WEBM = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm" + b"\x00" * 64
GPS_TAG, MODEL_TAG, ORIENTATION_TAG = 0x8825, 0x0110, 0x0112


def a_picture(size: tuple[int, int] = (60, 40), form: str = "JPEG", mode: str = "RGB", *, turned: bool = False) -> bytes:
    """A picture as a telephone takes it: it says where it was taken, with what, and which way up."""
    out, exif = io.BytesIO(), Image.Exif()
    exif[MODEL_TAG] = "Telephone"
    exif[ORIENTATION_TAG] = 6 if turned else 1
    exif.get_ifd(GPS_TAG)[2] = (24.0, 42.0, 0.0)
    extra = {"exif": exif} if form in ("JPEG", "WEBP", "PNG") else {}
    Image.new(mode, size, "red" if mode == "RGB" else (0, 0, 0, 0)).save(out, form, **extra)
    return out.getvalue()


def hand_in(shopper: Shopper, content: bytes, name: str = "صورة.jpg") -> httpx.Response:
    return shopper.http.post("/api/files", content=content, headers=shopper.headers | {"X-File-Name": quote(name)})


def sent(shopper: Shopper, *contents: bytes) -> list[dict[str, str]]:
    """Hand files in, send them, and return them as the conversation shows them."""
    ids = [hand_in(shopper, content).json()["file"]["id"] for content in contents]
    response = shopper.post(files=ids)
    assert response.status_code == 202
    files: list[dict[str, str]] = response.json()["message"]["custom"]["files"]
    return files


def folder(site: Site) -> list[Path]:
    return [file for file in site.folder.rglob("*") if file.is_file()]


def opened(shopper: Shopper, url: str) -> httpx.Response:
    return shopper.http.get(url)


# ------------------------------------------------------------------ what is taken in


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_picture_is_drawn_anew_without_what_the_camera_wrote(shopper: Shopper, form: str) -> None:
    (file,) = sent(shopper, a_picture(form=form))
    response = opened(shopper, file["url"])
    assert response.headers["content-type"] == "image/jpeg"
    picture = Image.open(io.BytesIO(response.content))
    assert (picture.format, picture.size, dict(picture.getexif())) == ("JPEG", (60, 40), {})
    assert b"Telephone" not in response.content


def test_a_picture_is_upright_and_no_larger_than_can_be_read(shopper: Shopper) -> None:
    (turned, large) = sent(shopper, a_picture(turned=True), a_picture((4000, 1000)))
    assert Image.open(io.BytesIO(opened(shopper, turned["url"]).content)).size == (40, 60)
    assert Image.open(io.BytesIO(opened(shopper, large["url"]).content)).size == (LONGEST_SIDE, LONGEST_SIDE // 4)


def test_what_is_see_through_becomes_white(shopper: Shopper) -> None:
    (file,) = sent(shopper, a_picture(form="PNG", mode="RGBA"))
    assert Image.open(io.BytesIO(opened(shopper, file["url"]).content)).getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("content", "kind", "media_type"),
    [
        (PDF, "document", "application/pdf"),
        (MP4, "video", "video/mp4"),
        (MOV, "video", "video/quicktime"),
        (WEBM, "video", "video/webm"),
    ],
)
def test_documents_and_videos_are_kept_as_they_are(shopper: Shopper, content: bytes, kind: str, media_type: str) -> None:
    (file,) = sent(shopper, content)
    response = opened(shopper, file["url"])
    assert (file["kind"], response.headers["content-type"], response.content) == (kind, media_type, content)


def test_a_part_of_a_video_can_be_asked_for(shopper: Shopper) -> None:
    (file,) = sent(shopper, MP4)
    part = shopper.http.get(file["url"], headers={"Range": "bytes=4-11"})
    assert (part.status_code, part.content) == (206, MP4[4:12])


# ------------------------------------------------------------------ what is not


@pytest.mark.parametrize(
    ("content", "name", "status", "code"),
    [
        (b"", "photo.jpg", 415, "file_kind"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "photo.jpg", 415, "file_kind"),
        (b"<!doctype html><script>alert(1)</script>", "invoice.pdf", 415, "file_kind"),
        (b"MZ\x90\x00" + b"\x00" * 200, "video.mp4", 415, "file_kind"),
        (b"PK\x03\x04" + b"\x00" * 200, "photo.png", 415, "file_kind"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00" + b"\x00" * 64, "photo.heic", 415, "file_kind"),
        (b"BM" + b"\x00" * 100, "photo.bmp", 415, "file_kind"),
        (a_picture((900, 900))[:1200], "half.jpg", 422, "file_broken"),
        (b"%PDF-1.7" + b"0" * LARGEST_FILE, "large.pdf", 413, "file_too_large"),
        (b"%PDF-1.7" + b"0" * (2 * LARGEST_FILE), "larger.pdf", 413, "file_too_large"),
    ],
)
def test_what_it_is_decides_and_the_reason_is_said(
    site: Site, shopper: Shopper, content: bytes, name: str, status: int, code: str
) -> None:
    response = hand_in(shopper, content, name)
    assert (response.status_code, response.json()["error"]) == (status, {"code": code, "message": site.words.errors[code]})
    assert folder(site) == []


def test_a_picture_that_unpacks_to_far_too_much_is_not_unpacked(site: Site, shopper: Shopper) -> None:
    out = io.BytesIO()
    Image.new("1", (MOST_PIXELS // 5000, 5001)).save(out, "PNG")
    assert len(out.getvalue()) < 20_000
    assert hand_in(shopper, out.getvalue(), "bomb.png").json()["error"]["code"] == "file_broken"
    assert folder(site) == []


def test_a_complaint_holds_eight(shopper: Shopper) -> None:
    sent(shopper, *[PDF] * (MOST_FILES - 1))
    assert hand_in(shopper, PDF).status_code == 201
    assert hand_in(shopper, PDF).json()["error"]["code"] == "files_too_many"


def test_nobody_hands_in_without_a_session(site: Site, http: httpx.Client) -> None:
    assert http.post("/api/files", content=PDF).status_code == 401
    assert folder(site) == []


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\صورة.jpg", "صورة.jpg"),
        ("a\u202egpj.exe", "agpj.exe"),
        ("", "file"),
        ("\u200b", "file"),
        ("x\r\nSet-Cookie: a=b", "x Set-Cookie: a=b"),
    ],
)
def test_a_name_is_only_a_name(site: Site, shopper: Shopper, name: str, kept: str) -> None:
    (file,) = [hand_in(shopper, PDF, name).json()["file"]]
    assert file["name"] == kept
    assert [path.relative_to(site.folder).as_posix() for path in folder(site)] == [f"{file['id'][:2]}/{file['id']}"]


# ------------------------------------------------------------------ who sees it


def test_an_address_opens_its_own_file_for_a_day(shopper: Shopper, clock: Clock) -> None:
    (file, other) = sent(shopper, PDF, MP4)
    assert opened(shopper, file["url"]).status_code == 200
    forged = file["url"].replace(file["id"], other["id"])
    assert opened(shopper, forged).status_code == 404
    assert opened(shopper, re.sub(r"until=\d+", "until=99999999999", file["url"])).status_code == 404
    assert opened(shopper, file["url"][:-1] + "é").status_code == 404
    clock.turn(seconds=2 * GOOD_FOR.total_seconds())
    assert opened(shopper, file["url"]).status_code == 404
    (again,) = shopper.http.get("/api/messages", headers=shopper.headers).json()["messages"][0]["custom"]["files"][:1]
    assert opened(shopper, again["url"]).status_code == 200


def test_a_file_may_do_nothing_where_it_is_shown(shopper: Shopper) -> None:
    (document, picture) = sent(shopper, PDF, a_picture())
    for file, disposition in ((document, "attachment"), (picture, "inline")):
        headers = opened(shopper, file["url"]).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in headers["content-security-policy"]
        assert headers["content-disposition"].startswith(disposition)


def test_anothers_file_can_be_neither_sent_nor_taken_back(http: httpx.Client, shopper: Shopper) -> None:
    file = hand_in(shopper, PDF).json()["file"]
    other = Shopper(http)
    assert other.post(files=[file["id"]]).json()["error"]["code"] == "file_unknown"
    assert http.delete(f"/api/files/{file['id']}", headers=other.headers).status_code == 404
    assert shopper.post(files=[file["id"]]).status_code == 202


def test_a_file_can_be_taken_back_until_it_is_sent(site: Site, http: httpx.Client, shopper: Shopper) -> None:
    file = hand_in(shopper, PDF).json()["file"]
    assert http.delete(f"/api/files/{file['id']}", headers=shopper.headers).status_code == 204
    assert folder(site) == []
    (kept,) = sent(shopper, PDF)
    assert http.delete(f"/api/files/{kept['id']}", headers=shopper.headers).status_code == 404
    assert len(folder(site)) == 1


def test_files_delivered_twice_are_one_message(shopper: Shopper) -> None:
    file = hand_in(shopper, PDF).json()["file"]
    client_id = uuid.uuid4().hex
    first, second = (shopper.post(client_id=client_id, files=[file["id"]]) for _ in range(2))
    assert (first.status_code, second.status_code) == (202, 200)
    assert first.json()["message"]["seq"] == second.json()["message"]["seq"]
    assert shopper.post(files=[file["id"]]).json()["error"]["code"] == "file_unknown"
    other = hand_in(shopper, PDF).json()["file"]
    assert shopper.post(client_id=client_id, files=[other["id"]]).status_code == 409


def test_what_was_never_sent_is_swept_away(site: Site, shopper: Shopper, clock: Clock) -> None:
    sent(shopper, PDF)
    hand_in(shopper, PDF)
    assert site.evidence.sweep() == 0
    clock.turn(seconds=2 * TAKEN_BACK_AFTER.total_seconds())
    assert site.evidence.sweep() == 1
    assert len(folder(site)) == 1
