"""The command `shakwa`: one short function per command."""

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from bot.backup_cli import backup, restore
from bot.bench_cli import bench
from bot.complaint_cli import complaint
from bot.demo_cli import demo
from bot.domain.errors import ShakwaError
from bot.drift_cli import shadow, show_drift
from bot.import_cli import import_sentences
from bot.label_cli import export_labels, list_inbox, mend_sentence, show_health
from bot.load_cli import audit, bench_load
from bot.model_cli import compare_models, list_models, promote_candidate, roll_back, train_candidate
from bot.printed import print_guesses, print_verdict, print_words
from bot.privacy_cli import privacy
from bot.settings import ROOT, Settings
from bot.settings_cli import show_settings
from bot.talk_cli import talk
from bot.user_cli import user
from bot.webhook_cli import webhook

app = typer.Typer(
    help="Shakwa, the Arabic complaint assistant. `make run` starts everything; these are its parts.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
nlu = typer.Typer(help="Measure and improve what is understood.", no_args_is_help=True)
app.add_typer(complaint, name="complaint")
app.add_typer(user, name="user")
app.add_typer(webhook, name="webhook")
app.add_typer(privacy, name="privacy")
app.add_typer(bench, name="bench")
app.add_typer(nlu, name="nlu")
app.command()(talk)
app.command()(demo)
app.command()(backup)
app.command()(restore)
app.command("settings")(show_settings)
app.command()(audit)
bench.command("load")(bench_load)
nlu.command("inbox")(list_inbox)
nlu.command("export")(export_labels)
nlu.command("import")(import_sentences)
nlu.command("health")(show_health)
nlu.command("mend")(mend_sentence)
nlu.command("drift")(show_drift)
nlu.add_typer(shadow, name="shadow")
nlu.command("candidate")(train_candidate)
nlu.command("compare")(compare_models)
nlu.command("promote")(promote_candidate)
nlu.command("rollback")(roll_back)
nlu.command("models")(list_models)
err = Console(stderr=True)


def main() -> None:
    """Run the command; what it cannot do ends with one sentence and exit code 2."""
    try:
        app()
    except ShakwaError as error:
        err.print(f"shakwa: {error}", markup=False, highlight=False, soft_wrap=True)
        sys.exit(2)


@app.command()
def up() -> None:
    """Migrate, train if the model is older than its sources, and run everything until Ctrl-C."""
    from bot.engine import everything
    from bot.keeping import beat_file

    settings = Settings.for_serving()
    migrate()
    train(if_stale=True)
    said = [str(Path(sys.executable).with_name("shakwa")), "ready"]
    command = everything.command(ROOT / "Procfile", f"{settings.gateway_url}/readyz", beat_file(settings), said)
    os.chdir(ROOT)
    os.execv(command[0], command)


@app.command("ready", hidden=True)
def say_ready() -> None:
    """Say where Shakwa is, now that all of it answers."""
    from bot.bootstrap import build

    settings = Settings()
    err.print(f"\n  Shakwa is ready: [bold]{settings.gateway_url}[/bold]   (Ctrl-C stops it)")
    if first := build(settings).console.users.first_admin():
        err.print(f"  The console:     [bold]{settings.gateway_url}/console[/bold]")
        err.print(f"  First sign-in:   user [bold]{first[0].login}[/bold], one-time password [bold]{first[1]}[/bold]")
    err.print()


@app.command()
def gateway() -> None:
    """Run the gateway: the only process the public reaches."""
    import uvicorn

    from bot.logs import set_up_logs
    from bot.web.app import create_app
    from bot.web.serving import SERVED

    settings = Settings.for_serving()
    set_up_logs(settings.log_level, as_json=settings.logs_as_json)
    app = create_app(_gateway(settings))
    uvicorn.run(app, host=settings.host, port=settings.port, forwarded_allow_ips=settings.trusted_proxies, **SERVED)


@app.command()
def engine() -> None:
    """Run Rasa with the live model, and again should it die; gateways ask several through SHAKWA_ENGINE_URL."""
    from bot.engine.parent import EngineParent
    from bot.logs import set_up_logs

    settings = Settings.for_serving()
    set_up_logs(settings.log_level, as_json=settings.logs_as_json)
    sys.exit(EngineParent(_engine_settings(settings)).run())


@app.command()
def actions() -> None:
    """Run the action server; several stand behind one address, which is SHAKWA_ACTIONS_URL."""
    Settings.for_serving()
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

    settings = Settings.for_serving()
    set_up_logs(settings.log_level, as_json=settings.logs_as_json)
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
    import getpass

    from bot.engine import trainer

    settings = Settings()
    if if_stale and trainer.is_current(ROOT, settings.models_dir):
        return
    with err.status("Training the model; this takes a minute or two…"):
        log, by = settings.data_dir / "log" / "train.log", getpass.getuser()
        live = trainer.train(ROOT, settings.models_dir, log, by=by)
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


def _gateway(settings: Settings) -> Any:
    from bot.bootstrap import build
    from bot.keeping import checks_of, engine_checks, vitals_of
    from bot.services.meter import Meter
    from bot.sharing import shared_by_gateways
    from bot.web.gateway import Gateway

    services = build(settings)
    client, meter = services.engine(), Meter()
    return Gateway(
        chat=services.chat,
        turns=lambda listeners: services.turns(client, listeners, meter),
        meter=meter,
        metrics_token=settings.metrics_token.get_secret_value(),
        vitals=lambda: vitals_of(services),
        words=services.words,
        evidence=services.evidence,
        identities=services.identities,
        console=services.console,
        webhooks=services.webhooks,
        training=services.training,
        importing=services.importing,
        health=services.health,
        why=client.why,
        close_engine=client.aclose,
        models=services.models,
        runs=services.runs,
        privacy=services.privacy,
        shadow=services.shadow,
        public_url=settings.public_url,
        file_page=services.files.page,
        shop_name=services.shop.name,
        privacy_url=services.shop.privacy_url,
        newest=services.newest,
        since=services.since,
        away=services.store.away,
        checks=checks_of(services) | engine_checks(settings),
        allowed_origins=settings.origins,
        sessions_per_minute=settings.sessions_per_minute,
        messages_per_minute=settings.messages_per_minute,
        **shared_by_gateways(settings),
    )


def _engine_settings(settings: Settings) -> Any:
    from bot.engine.parent import EngineSettings

    return EngineSettings(
        root=ROOT,
        models=settings.models_dir,
        run_dir=settings.data_dir / "engine" / str(settings.engine_port),
        host=settings.engine_host,
        port=settings.engine_port,
        secret=settings.key("engine"),
        actions_url=settings.actions_address,
        actions_secret=settings.key("actions"),
        tracker_url=settings.tracker_url,
        redis_url=settings.redis_url.get_secret_value(),
        redis_name=settings.shared_name,
        log_level=settings.log_level,
        logs_as_json=settings.logs_as_json,
        failpoints=settings.failpoints,
    )
