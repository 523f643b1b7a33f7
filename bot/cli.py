"""The command `shakwa`: one short function per command."""

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bot.bench_cli import bench_lists
from bot.complaint_cli import complaint
from bot.demo_cli import demo
from bot.domain.errors import ShakwaError
from bot.label_cli import export_labels, list_inbox, show_health
from bot.model_cli import compare_models, promote_candidate, roll_back, train_candidate
from bot.printed import out, print_guesses, print_verdict, print_words
from bot.settings import ROOT, Settings
from bot.talk_cli import talk
from bot.user_cli import user
from bot.webhook_cli import webhook

app = typer.Typer(
    help="Shakwa, the Arabic complaint assistant. `make run` starts everything; these are its parts.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
nlu = typer.Typer(help="Measure and improve what is understood.", no_args_is_help=True)
bench = typer.Typer(help="Measure, beside stock Rasa in the same run.", no_args_is_help=True)
app.add_typer(complaint, name="complaint")
app.add_typer(user, name="user")
app.add_typer(webhook, name="webhook")
app.add_typer(bench, name="bench")
app.add_typer(nlu, name="nlu")
app.command()(talk)
app.command()(demo)
bench.command("lists")(bench_lists)
nlu.command("inbox")(list_inbox)
nlu.command("export")(export_labels)
nlu.command("health")(show_health)
nlu.command("candidate")(train_candidate)
nlu.command("compare")(compare_models)
nlu.command("promote")(promote_candidate)
nlu.command("rollback")(roll_back)
err = Console(stderr=True)


def main() -> None:
    """Run the command; what it cannot do ends with one sentence and exit code 2."""
    try:
        app()
    except ShakwaError as error:
        err.print(f"shakwa: {error}", markup=False, highlight=False)
        sys.exit(2)


@app.command()
def up() -> None:
    """Migrate, train if the model is older than its sources, and run everything until Ctrl-C."""
    from bot.engine.processes import run_all

    settings = Settings()
    migrate()
    train(if_stale=True)
    sys.exit(run_all(ROOT / "Procfile", _health_checks(settings), lambda: _announce(settings)))


@app.command()
def gateway() -> None:
    """Run the gateway: the only process the public reaches."""
    import uvicorn

    from bot.logs import set_up_logs
    from bot.web.app import create_app

    settings = Settings()
    set_up_logs(settings.log_level)
    app = create_app(_gateway(settings))
    uvicorn.run(
        app, host=settings.host, port=settings.port, log_config=None, access_log=False, server_header=False, ws="none",
        timeout_graceful_shutdown=4, timeout_keep_alive=30,
    )  # fmt: skip


@app.command()
def engine() -> None:
    """Run Rasa with the live model, on this machine alone, and again should it die."""
    from bot.engine.parent import EngineParent
    from bot.logs import set_up_logs

    settings = Settings()
    set_up_logs(settings.log_level)
    sys.exit(EngineParent(_engine_settings(settings)).run())


@app.command()
def actions() -> None:
    """Run the action server, on this machine alone."""
    os.chdir(ROOT)
    os.execv(sys.executable, [sys.executable, "-m", "actions"])


@app.command()
def shell() -> None:
    """Talk to the live model in this terminal, as `rasa shell` does; `make run` must be running elsewhere."""
    from bot.engine.parent import shell_command
    from bot.engine.trainer import QUIET

    command = shell_command(_engine_settings(Settings()))
    os.chdir(ROOT)
    os.execvpe(command[0], command, os.environ | QUIET)


@app.command()
def worker() -> None:
    """Run the worker: what takes long, and what waits in the outbox."""
    from bot.bootstrap import build
    from bot.logs import set_up_logs
    from bot.worker import serve

    settings = Settings()
    set_up_logs(settings.log_level)
    serve(build(settings))


@app.command()
def migrate() -> None:
    """Bring the store to the schema this version expects."""
    from bot.bootstrap import build

    services = build()
    services.migrate()
    services.console.canned.stock()
    services.console.lists.reindex()


@app.command()
def train(if_stale: Annotated[bool, typer.Option(help="Do nothing if the live model is up to date.")] = False) -> None:
    """Train a model from data/, domain.yml and config.yml, and make it live."""
    from bot.engine import trainer

    settings = Settings()
    if if_stale and trainer.is_current(ROOT, settings.models_dir):
        return
    with err.status("Training the model; this takes a minute or two…"):
        live = trainer.train(ROOT, settings.models_dir, settings.data_dir / "log" / "train.log")
    err.print(f"Trained {live.file}.")


@app.command()
def explain(text: Annotated[str, typer.Argument(help="What a shopper might write.")]) -> None:
    """Show how the live model reads a text: words, entities, the likeliest intents and what decided."""
    from bot.engine.judge import read
    from bot.engine.trainer import live_path

    with err.status("Loading the model…"):
        reading = read(live_path(Settings().models_dir), [text])[0]
    print_words(reading)
    print_guesses(reading)


@nlu.command("test")
def judge_live(
    questions: Annotated[Path, typer.Argument(help="Questions in Rasa's NLU format.")] = ROOT
    / "tests/heldout/questions.yml",
) -> None:
    """Judge the live model by questions it was not trained on, by variety of Arabic."""
    from bot.engine.judge import judge, read
    from bot.engine.questions import read_questions
    from bot.engine.trainer import live_path

    asked = read_questions(questions)
    with err.status(f"Reading {len(asked)} questions…"):
        verdict = judge(asked, read(live_path(Settings().models_dir), [question.text for question in asked]))
    print_verdict(verdict)


@bench.command("nlu")
def bench_nlu(
    arbanking: Annotated[
        Path | None, typer.Option(help="Folder of the ArBanking77 files; without it they are left out.")
    ] = None,
    stock: Annotated[bool, typer.Option(help="Train the pipeline of `rasa init` too: some 15 minutes.")] = True,
    write: Annotated[Path | None, typer.Option(help="Write the tables to this Markdown file.")] = None,
) -> None:
    """Train our pipeline and the one of `rasa init` on the same data and judge both by the same questions."""
    from bot.engine import bench_nlu as run
    from bot.engine.bench_table import markdown

    with err.status("") as status:
        results = list(run.own_questions(ROOT, ROOT / "tests/heldout/questions.yml", status.update, stock=stock))
        if arbanking:
            results += run.arbanking(ROOT, arbanking, status.update, stock=stock)
    table = markdown(results)
    typer.echo(table)
    if write:
        write.write_text(table, "utf-8")


@app.command("settings")
def show_settings() -> None:
    """Print every setting, its value and what it is for."""
    table = Table("environment variable", "value", "meaning", box=None)
    settings = Settings()
    for name, field in Settings.model_fields.items():
        alias = str(field.validation_alias or f"SHAKWA_{name.upper()}")
        table.add_row(alias, str(getattr(settings, name)), field.description or "")
    out.print(table)


def _gateway(settings: Settings) -> Any:
    from bot.bootstrap import build
    from bot.engine.processes import answers
    from bot.web.gateway import Gateway

    services = build(settings)
    client = services.engine()
    secret = {"X-Shakwa-Secret": settings.key("engine")}
    return Gateway(
        chat=services.chat,
        turns=lambda listeners: services.turns(client, listeners),
        words=services.words,
        evidence=services.evidence,
        identities=services.identities,
        console=services.console,
        webhooks=services.webhooks,
        training=services.training,
        public_url=settings.public_url,
        file_page=services.files.page,
        shop_name=services.shop.name,
        newest=services.newest,
        since=services.since,
        checks={
            "store": services.schema_is_current,
            "engine": answers(f"{settings.engine_url}/webhooks/shakwa/", secret),
            "actions": answers(f"{settings.actions_url}/health"),
        },
        allowed_origins=settings.origins,
        sessions_per_minute=settings.sessions_per_minute,
        messages_per_minute=settings.messages_per_minute,
    )


def _engine_settings(settings: Settings) -> Any:
    from bot.engine.parent import EngineSettings

    return EngineSettings(
        root=ROOT,
        models=settings.models_dir,
        run_dir=settings.data_dir / "engine",
        port=settings.engine_port,
        secret=settings.key("engine"),
        actions_url=settings.actions_url,
        actions_secret=settings.key("actions"),
        tracker_url=f"sqlite:///{settings.tracker_file}",
    )


def _health_checks(settings: Settings) -> dict[str, Any]:
    from bot.engine.processes import answers, touched

    return {
        "gateway, engine, actions": answers(f"{settings.gateway_url}/readyz"),
        "worker": touched(settings.data_dir / "worker.alive"),
    }


def _announce(settings: Settings) -> None:
    from bot.bootstrap import build

    err.print(f"\n  Shakwa is ready: [bold]{settings.gateway_url}[/bold]   (Ctrl-C stops it)")
    if first := build(settings).console.users.first_admin():
        err.print(f"  The console:     [bold]{settings.gateway_url}/console[/bold]")
        err.print(f"  First sign-in:   user [bold]{first[0].login}[/bold], one-time password [bold]{first[1]}[/bold]")
    err.print()
