"""The figures of `shakwa bench nlu` as Markdown."""

from bot.engine.bench_nlu import OWN, PUBLISHED, Result

TITLE = """# 0009 Figures of understanding

Written by `shakwa bench nlu --write`; times are of the machine at hand. Held-out questions: `tests/heldout`. ArBanking77:
SinaLab, Birzeit University.
"""
HEAD = ("task", "pipeline", "accuracy", "macro-F1", "training", "p50", "p95", "model", "published")


def markdown(results: list[Result]) -> str:
    """Return a page: the main table, then one of the held-out questions by variety, kind and entity."""
    lines = [_row(HEAD), _row(["---"] * len(HEAD)), *(_row(_figures(result)) for result in results)]
    details = [result for result in results if result.task == OWN]
    return "\n".join([TITLE, *lines, "", *_details(details)]) + "\n"


def _figures(result: Result) -> list[str]:
    verdict, trained = result.verdict, result.trained
    published = next((figure for test, figure in PUBLISHED.items() if result.task.endswith(test)), "")
    return [
        result.task, result.pipeline, f"{verdict.accuracy:.3f}", f"{verdict.macro_f1:.3f}", f"{trained.seconds:.0f} s",
        f"{verdict.ms_p50:.1f} ms", f"{verdict.ms_p95:.1f} ms", f"{trained.megabytes:.1f} MB", published,
    ]  # fmt: skip


def _details(results: list[Result]) -> list[str]:
    if not results:
        return []
    names = ["", *(result.pipeline for result in results)]
    rows = [("complaint kinds, macro-F1", [result.verdict.kinds_f1 for result in results])]
    rows += [("help-centre topics right", [result.verdict.topics for result in results])]
    for group, title in (("varieties", "{}, macro-F1"), ("entities", "entity {}, F1")):
        for name in getattr(results[0].verdict, group):
            rows.append((title.format(name), [getattr(result.verdict, group).get(name, 0.0) for result in results]))
    body = [_row([title, *(f"{figure:.3f}" for figure in figures)]) for title, figures in rows]
    return [_row(names), _row(["---"] * len(names)), *body]


def _row(cells: list[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"
