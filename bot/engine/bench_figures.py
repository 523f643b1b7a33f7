"""Figures of two sides beside each other: medians with their spread, ratios, and the page with a table and a chart."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Literal

Better = Literal["more", "less", ""]
"""Which is better; "" where no ratio says anything."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: what was measured in each round, for both sides."""

    name: str
    unit: str
    ours: Sequence[float]
    stock: Sequence[float] = ()
    better: Better = "less"
    target: str = ""

    @property
    def times(self) -> tuple[float, float, float] | None:
        """How many times better ours is: the ratio of the medians, and the worst and the best of the rounds."""
        if not (self.ours and self.stock and self.better):
            return None
        pairs = [self._ratio(ours, stock) for ours, stock in zip(self.ours, self.stock, strict=False)]
        return self._ratio(median(self.ours), median(self.stock)), min(pairs), max(pairs)

    def _ratio(self, ours: float, stock: float) -> float:
        over, under = (ours, stock) if self.better == "more" else (stock, ours)
        return over / under if under else float("inf")


@dataclass(frozen=True, slots=True)
class Page:
    """What is written: the conditions in sentences, the rows, and notes."""

    conditions: Sequence[str]
    rows: Sequence[Row]
    notes: Sequence[str] = field(default_factory=tuple)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which this share of the values lies: the nearest rank. Raise ValueError without values."""
    if not values:
        raise ValueError("no values to take a percentile of")
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, max(0, -(-len(ranked) * round(share * 1000) // 1000) - 1))]


def spread(values: Sequence[float]) -> str:
    """Return `median (least–most)`, the median alone where there is one value, a dash where there is none."""
    if not values:
        return "–"
    middle = shown(median(values))
    return middle if len(values) == 1 else f"{middle} ({shown(min(values))}–{shown(max(values))})"


def shown(value: float) -> str:
    """Return a figure with three digits or so."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def markdown(page: Page, chart: str) -> str:
    """Return the page; `chart` is the file name of its picture."""
    head = ("", "unit", "Shakwa", "stock Rasa", "times better", "target")
    lines = [_line(head), _line(["---"] * len(head)), *(_line(_cells(row)) for row in page.rows)]
    return "\n".join([
        "# Shakwa beside stock Rasa", "", *page.conditions, "", f"![Turns per second, Shakwa and stock Rasa]({chart})", "",
        *lines, "", *(f"- {note}" for note in page.notes),
    ]) + "\n"  # fmt: skip


def _cells(row: Row) -> list[str]:
    ratio = row.times
    better = f"{shown(ratio[0])}× ({shown(ratio[1])}–{shown(ratio[2])})" if ratio else ""
    return [row.name, row.unit, spread(row.ours), spread(row.stock), better, row.target]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


WIDTH, BAR, LEFT = 680, 18, 290
"""Pixels: of the picture, of the height of a bar, of where bars begin."""
COLOURS = {"Shakwa": "#0f766e", "stock Rasa": "#9ca3af"}


def chart(rows: Sequence[Row]) -> str:
    """Return bars of the medians of rows that are told in one unit, as SVG; each pair with its figures beside it."""
    longest = max([median(values) for row in rows for values in (row.ours, row.stock) if values], default=1.0)
    bars = [
        _bar(at * (2 * BAR + 14) + side * BAR, row, name, values, longest)
        for at, row in enumerate(rows)
        for side, (name, values) in enumerate(zip(COLOURS, (row.ours, row.stock), strict=True))
        if values
    ]
    height = len(rows) * (2 * BAR + 14)
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" font-family="sans-serif" font-size="12">'
    )
    return "\n".join([opening, '<rect width="100%" height="100%" fill="white"/>', *bars, "</svg>"]) + "\n"


def _bar(top: int, row: Row, name: str, values: Sequence[float], longest: float) -> str:
    length = (WIDTH - LEFT - 70) * median(values) / longest
    base = top + BAR - 5
    return (
        f'<text x="{LEFT - 8}" y="{base}" text-anchor="end">{row.name}: {name}</text>'
        f'<rect x="{LEFT}" y="{top + 2}" width="{length:.1f}" height="{BAR - 4}" fill="{COLOURS[name]}"/>'
        f'<text x="{LEFT + length + 6:.1f}" y="{base}">{shown(median(values))}</text>'
    )
