"""A line of a log is one line, whatever stands in it; it names the conversation, and never what somebody said."""

import errno
import io
import json
import logging
import unicodedata
from collections.abc import Callable, Iterator

import pytest
import structlog

from bot.logs import LONGEST, set_up_logs

NASTY = [
    "first\nlevel='error' event='forged'",
    'first\r\n{"event": "forged"}',
    "\x1b[2J\x1b[31mred\x07",
    "‮reversed‬ ⁦isolated⁩ ‏",
    "a\u2028b\u2029c\u0085d\x00e\x7f",
    "\ud800",
    "{0} %s %(name)s {event}",
]
SECRET_WORDS = "الغسالة وصلت مكسورة mona@example.com 0551234567"

Written = Callable[[], list[str]]


@pytest.fixture(params=[False, True], ids=["on a terminal", "in production"])
def written(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> Iterator[Written]:
    """Returns the lines that structlog has written since it was asked last, and then those of the standard library."""
    out, root = io.StringIO(), logging.getLogger()
    kept = root.handlers[:]
    root.handlers[:] = [logging.StreamHandler(out)]
    set_up_logs("info", as_json=request.param)
    yield lambda: [line for text in (capsys.readouterr().out, out.getvalue()) for line in text.split("\n")[:-1]]
    root.handlers[:] = kept
    structlog.contextvars.clear_contextvars()
    set_up_logs("info")


def harmless(line: str) -> bool:
    return all(unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Zl", "Zp") for letter in line)


@pytest.mark.parametrize("nasty", NASTY, ids=range(len(NASTY)))
def test_no_value_name_or_event_ends_its_line_or_is_obeyed_by_a_terminal(written: Written, nasty: str) -> None:
    structlog.get_logger().info("area.object.verb", value=nasty, **{nasty: 1}, thing=[nasty], error=ValueError(nasty))
    structlog.get_logger().info(nasty)
    logging.getLogger("library").warning("it says %s", nasty)
    logging.getLogger(nasty).warning(nasty)
    lines = written()
    assert len(lines) == 4
    assert [line for line in lines if not harmless(line)] == []


def test_an_exception_is_told_by_its_places_and_not_by_its_words(written: Written) -> None:
    def fails() -> None:
        try:
            int(SECRET_WORDS)
        except ValueError as error:
            raise KeyError(SECRET_WORDS) from error

    for log in (structlog.get_logger().exception, logging.getLogger("library").exception):
        try:
            fails()
        except KeyError:
            log("it.has.failed")
    lines = written()
    assert len(lines) == 2
    for line in lines:
        assert "KeyError at test_logs.py:" in line
        assert " fails caused by ValueError at test_logs.py:" in line
        assert not [word for word in SECRET_WORDS.split() if word in line or json.dumps(word)[1:-1] in line]


def test_debug_alone_tells_the_words_of_an_exception(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        set_up_logs("debug")
        structlog.get_logger().error("failed", exc_info=ValueError("what was said"))
    finally:
        set_up_logs("info")
    assert "ValueError: what was said" in capsys.readouterr().out


def test_a_value_is_cut_and_an_object_is_written_as_text(written: Written) -> None:
    structlog.get_logger().info("a.b.c", value="x" * 10_000, thing=object)
    [line] = written()
    assert len(line) < LONGEST + 300


class Full(io.StringIO):
    """A file on a full disk."""

    def flush(self) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("level", ["info", "warning", "error", "critical", "exception"])
def test_a_line_that_cannot_be_written_breaks_nothing(written: Written, monkeypatch: pytest.MonkeyPatch, level: str) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("sys.stdout", Full())
        getattr(structlog.get_logger(), level)("nobody.reads.this")
    structlog.get_logger().info("this.is.read")
    [line] = written()
    assert "this.is.read" in line


def test_what_is_bound_stands_in_every_line(written: Written) -> None:
    with structlog.contextvars.bound_contextvars(conversation_id="c1", turn_id=7):
        structlog.get_logger().info("a.b.c")
        logging.getLogger("library").warning("words")
    structlog.get_logger().info("d.e.f")
    ours, later, theirs = written()
    for line in (ours, theirs):
        assert "conversation_id" in line
        assert "turn_id" in line
    assert "c1" not in later


@pytest.mark.parametrize("written", [True], indirect=True, ids=["in production"])
def test_in_production_a_line_is_json(written: Written) -> None:
    structlog.get_logger().warning("turn.engine.failed", code="engine_down", reason="عربي", seconds=1.5)
    logging.getLogger("uvicorn.error").error("words")
    ours, theirs = (json.loads(line) for line in written())
    assert (ours["level"], ours["event"], ours["reason"], ours["seconds"]) == ("warning", "turn.engine.failed", "عربي", 1.5)
    assert (theirs["level"], theirs["event"], theirs["logger"]) == ("error", "words", "uvicorn.error")
    assert ours["timestamp"].endswith("Z")
