"""What is known to be vulnerable and stays: each with a date and a reason, looked at again whenever the lock changes."""

import datetime
import re
import subprocess
import tomllib

from bot.settings import ROOT


def decided() -> list[list[str]]:
    lines = (ROOT / ".ci" / "advisories.tsv").read_text("utf-8").splitlines()
    return [line.split("\t") for line in lines if not line.startswith("#")]


def test_each_has_a_package_of_the_lock_a_date_and_a_reason() -> None:
    lock = tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))
    locked = {package["name"]: package.get("version") for package in lock["package"]}
    for advisory, package, version, looked_at, reason in decided():
        assert re.fullmatch(r"GHSA(-[2-9cfghjmpqrvwx]{4}){3}", advisory)
        assert locked[package] == version, f"{package} has changed: look at {advisory} again"
        assert datetime.date.fromisoformat(looked_at) >= datetime.date(2026, 11, 1)
        assert len(reason.split()) >= 8
    assert len({row[0] for row in decided()}) == len(decided())


def test_the_audit_leaves_out_these_and_no_other() -> None:
    asked = subprocess.run(["make", "-n", "audit"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert re.findall(r"--ignore (\S+)", asked) == [row[0] for row in decided()]
    assert "--locked" in asked
