"""Whatever a field holds, an event is one line, and nothing in it looks like another."""

from collections.abc import Iterator

import pytest
import structlog

from bot.logs import set_up_logs
from tests.nasty import nasty


@pytest.fixture(params=[False, True], ids=["lines", "json"])
def _logs(request: pytest.FixtureRequest) -> Iterator[None]:
    set_up_logs("info", as_json=request.param)
    yield
    set_up_logs("info")


@pytest.mark.usefixtures("_logs")
def test_no_text_begins_a_line_of_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    texts = [one.text for one in nasty() if one.kind in ("logs", "line breaks", "controls", "surrogates", "bidi")]
    for text in texts:
        structlog.get_logger().warning("web.request.broken", path=text)
    said = capsys.readouterr().out
    assert len(said.splitlines()) == len(texts) > 100
    assert not set(said) & set("\r\x0b\x0c\x1b\x85\u2028\u2029\u202e\x9b")
