"""A report is read back as it was written, and what is no report of this version is none."""

import json
from pathlib import Path

import pytest

from bot.engine.report import Report, ReportBroken, keep, kept
from bot.engine.trainer import report_file
from bot.printed import print_report
from tests.engine.reports import a_report


def test_a_report_is_read_back_as_it_was_written() -> None:
    report = a_report()
    assert Report.from_json(report.to_json()) == report
    assert "هلا" in report.to_json()


def test_parts_that_were_left_out_stay_out() -> None:
    report = a_report(cross_validation=None, replay=None)
    assert Report.from_json(report.to_json()) == report


def test_a_report_lies_beside_its_candidate(tmp_path: Path) -> None:
    report = a_report()
    assert keep(tmp_path, report) == tmp_path / "new.report.json" == report_file(tmp_path / "new.tar.gz")
    assert kept(tmp_path / "new.tar.gz") == report
    assert kept(tmp_path / "other.tar.gz") is None
    assert [file.name for file in tmp_path.iterdir()] == ["new.report.json"]


@pytest.mark.parametrize("text", ["", "[]", "{}", "7", '{"made_at": "now"}', '{"more": 1}'])
def test_what_is_no_report_is_none(text: str, tmp_path: Path) -> None:
    with pytest.raises(ReportBroken):
        Report.from_json(text)
    (tmp_path / "m.report.json").write_text(text)
    assert kept(tmp_path / "m.tar.gz") is None


@pytest.mark.parametrize(
    ("name", "value"), [("live", []), ("changes", 3), ("replay", "all"), ("conversations", {"passed": 1}), ("new", 1)]
)
def test_a_report_of_another_shape_is_none(name: str, value: object) -> None:
    with pytest.raises(ReportBroken):
        Report.from_json(json.dumps(json.loads(a_report().to_json()) | {name: value}))


def test_the_share_of_what_is_read_otherwise() -> None:
    replay = a_report().replay
    assert replay is not None
    assert replay.share == pytest.approx(1 / 500)


def test_what_a_shopper_typed_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    text = "[bold red]مهم[/] [/b] {slot}"
    print_report(a_report(), {7: text}, 5)
    assert text in capsys.readouterr().out
