"""The command `shakwa settings`: every setting, its value and its meaning, for people and for the documentation."""

from typing import Annotated

import typer
from pydantic import SecretStr
from rich.table import Table

from bot.printed import out
from bot.settings import ROOT, Settings, variable


def show_settings(
    markdown: Annotated[bool, typer.Option(help="Print the reference of deploy/environment.md, with defaults.")] = False,
) -> None:
    """Print every setting, its value and what it is for."""
    if markdown:
        typer.echo(reference(), nl=False)
        return
    table = Table("environment variable", "value", "meaning", box=None)
    settings = Settings()
    for name, field in Settings.model_fields.items():
        table.add_row(variable(name, field), str(getattr(settings, name)), field.description or "")
    out.print(table)


def reference() -> str:
    """Return every setting with its default as Markdown; those that are secrets say that a file may hold them."""
    rows = ["| variable | default | meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        called = variable(name, field)
        secret = f"; or in the file `{called}_FILE` names" if field.annotation is SecretStr else ""
        rows.append(f"| `{called}` | {_default(field.default)} | {(field.description or '').replace('|', '/')}{secret} |")
    return "\n".join((*HEAD, *rows, ""))


HEAD = (
    "# Settings",
    "",
    "Written by `shakwa settings --markdown > deploy/environment.md`; a test holds it to the code. All come from the",
    "environment; secrets may be in files instead, as Docker, systemd and Kubernetes hand them over. With",
    "`SHAKWA_ENVIRONMENT=production` a process refuses to start with what is unsafe, and says what to set.",
    "",
)


def _default(value: object) -> str:
    told = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
    return f"`{told.replace(f'{ROOT}/', '')}`" if told else ""
