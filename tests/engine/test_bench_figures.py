"""Figures beside each other: percentiles, ratios that say which is better, and the page they are written to."""

import xml.etree.ElementTree as ET

import pytest

from bot.engine.bench_figures import Page, Row, chart, markdown, percentile, spread


@pytest.mark.parametrize(("share", "value"), [(0.0, 1), (0.5, 50), (0.95, 95), (0.951, 96), (0.99, 99), (1.0, 100)])
def test_a_percentile_is_the_nearest_rank(share: float, value: float) -> None:
    assert percentile(list(range(100, 0, -1)), share) == value


def test_a_percentile_of_one_value_is_that_value_and_of_none_an_error() -> None:
    assert percentile([7.0], 0.95) == 7.0
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


@pytest.mark.parametrize(
    ("values", "told"),
    [([], "–"), ([4.0], "4.00"), ([30.0, 10.0, 20.0], "20.0 (10.0–30.0)"), ([1200.4], "1,200"), ([0.0], "0.00")],
)
def test_a_spread_is_the_median_between_the_extremes(values: list[float], told: str) -> None:
    assert spread(values) == told


def test_times_better_turns_round_where_less_is_better() -> None:
    assert Row("rate", "1/s", [50, 60, 70], [10, 10, 7], "more").times == (6.0, 5.0, 10.0)
    assert Row("wait", "ms", [10, 20, 30], [40, 40, 60], "less").times == (2.0, 2.0, 4.0)


def test_no_ratio_is_told_where_one_side_was_not_measured_or_none_is_better() -> None:
    assert Row("size", "MB", [1.0]).times is None
    assert Row("failed", "", [1.0], [2.0], "").times is None


def test_nothing_is_divided_by_zero() -> None:
    assert Row("rate", "1/s", [50.0], [0.0], "more").times == (float("inf"),) * 3


def test_the_page_holds_conditions_table_notes_and_the_chart() -> None:
    page = Page(["On a machine."], [Row("parse", "ms", [2.0, 1.0, 3.0], [20.0, 10.0, 30.0], target="≤ 2 ms")], ["One note."])
    text = markdown(page, "bars.svg")
    assert "| parse | ms | 2.00 (1.00–3.00) | 20.0 (10.0–30.0) | 10.0× (10.0–10.0) | ≤ 2 ms |" in text
    assert "On a machine." in text
    assert "(bars.svg)" in text
    assert "- One note.\n" in text


def test_bars_are_as_long_as_their_medians() -> None:
    drawn = ET.fromstring(chart([Row("1 shopper", "1/s", [40.0], [10.0]), Row("ten", "1/s", [80.0], [])]))
    bars = [rect for rect in drawn.iter("{http://www.w3.org/2000/svg}rect") if rect.get("fill") != "white"]
    lengths = [float(bar.get("width", "0")) for bar in bars]
    assert [round(length / lengths[2], 2) for length in lengths] == [0.5, 0.12, 1.0]
