"""What a comparison of a candidate with the live model found; it lies beside the candidate as `<model>.report.json`.

Shoppers' messages are not in it, only the numbers of their utterances: who erases a message need not look here.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from bot.domain.errors import ShakwaError
from bot.domain.model import Objection
from bot.engine.judge import Verdict
from bot.engine.records import made
from bot.engine.trainer import report_file, write_whole

Confusion = dict[str, dict[str, list[str]]]
"""Truth → guess → the questions that were read so, right ones too."""


class ReportBroken(ShakwaError):
    """A report that is not there, or is none of this version's; the message names the file."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Readings whose confidence lies in one tenth, `low` ≤ confidence < `low` + 0.1."""

    low: float
    count: int
    confidence: float
    """Mean; 0 where the bin is empty."""
    accuracy: float


@dataclass(frozen=True, slots=True)
class Calibration:
    bins: list[Bin]
    error: float
    """Expected calibration error: how far confidence is from being right, over all readings."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two models."""

    model: str
    """Its archive's name in the folder of models."""
    verdict: Verdict
    calibration: Calibration
    confusion: Confusion


@dataclass(frozen=True, slots=True)
class Measures:
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Change:
    """An intent in both models, over `asked` questions."""

    intent: str
    asked: int
    live: Measures
    candidate: Measures
    gain: float
    """Of F1; what lies between `low` and `high` in 95 of 100 samples of the questions."""
    low: float
    high: float
    guarded: bool
    """Whether there are questions enough to hold a loss against the candidate."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Questions that one of the two models alone read right."""

    only_live: int
    only_candidate: int
    p: float
    """McNemar's exact test: how likely so uneven a split is if both are equally good."""


@dataclass(frozen=True, slots=True)
class CrossValidation:
    """What the classifier says of training sentences when it was trained on the others."""

    sentences: int
    accuracy: float
    macro_f1: float
    dropped: list[str]
    """Labels with fewer sentences than folds: nothing is said of them."""


@dataclass(frozen=True, slots=True)
class Conversations:
    """Whole conversations of the tests, by name."""

    passed: list[str]
    failed: list[str]


@dataclass(frozen=True, slots=True)
class Difference:
    """Something a shopper said that the two models take for different intents."""

    utterance: int
    """Its number in the inbox, which holds the text."""
    live: str
    live_confidence: float
    candidate: str
    candidate_confidence: float


@dataclass(frozen=True, slots=True)
class Replay:
    """The newest things shoppers typed, read by both models."""

    read: int
    differences: list[Difference]

    @property
    def share(self) -> float:
        return len(self.differences) / max(1, self.read)


@dataclass(frozen=True, slots=True)
class Report:
    made_at: str
    """UTC, ISO 8601."""
    asked: str
    """Hash of the questions and conversations it rests on."""
    questions: int
    margin: float
    """F1 a guarded intent may lose."""
    live: Side
    candidate: Side
    changes: list[Change]
    """The greatest loss first."""
    disagreement: Disagreement
    leaked: list[str]
    """Questions that stand in the training data: they prove nothing."""
    conversations: Conversations
    objections: list[Objection]
    cross_validation: CrossValidation | None = None
    """None where it was left out."""
    replay: Replay | None = None
    seconds: float = 0.0
    """How long the comparison took."""

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, indent=1)

    @classmethod
    def from_json(cls, text: str) -> "Report":
        """Raise ReportBroken where the text is no report of this version."""
        try:
            return made(cls, json.loads(text))  # type: ignore[no-any-return]
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ReportBroken(f"this is no report of a comparison: {error!r}") from error


def keep(models: Path, report: Report) -> Path:
    """Write a report beside the candidate it is about, whole or not at all."""
    file = report_file(models / report.candidate.model)
    write_whole(file, report.to_json())
    return file


def kept(archive: Path) -> Report | None:
    """Return the report on a model, None where there is none that can be read."""
    try:
        return Report.from_json(report_file(archive).read_text("utf-8"))
    except (OSError, ValueError, ReportBroken):
        return None
