"""Runs all of Shakwa: `python -m bot.engine.everything PROCFILE URL BEAT COMMAND…`.

A process of its own that imports next to nothing: honcho forks it for each of the others and keeps the copies, and as
`shakwa up` itself, with all that migrating imports, they took a third of the memory of everything together.

Once URL answers 200 and the file BEAT has been touched, COMMAND is run, which says that all is ready.
"""

import subprocess
import sys
from pathlib import Path

from bot.engine.processes import answers, run_all, touched


def command(procfile: Path, url: str, beat: Path, ready: list[str]) -> list[str]:
    """Return the command that runs the processes of `procfile`."""
    return [sys.executable, "-m", "bot.engine.everything", str(procfile), url, str(beat), *ready]


def main() -> None:
    procfile, url, beat, *ready = sys.argv[1:]
    checks = {"gateway, engine, actions": answers(url), "worker": touched(Path(beat))}
    sys.exit(run_all(Path(procfile), checks, lambda: subprocess.run(ready, check=False)))


if __name__ == "__main__":
    main()
