"""Gives the live model to Rasa, which asks for it all the time: Rasa's model-server protocol over `models/live.json`.

GET /live   If-None-Match: the model that serves → 304 while that is the live one, else 200 with the archive, its name
            in `filename` and as `ETag`; 404 without a live model; 401 without the secret
"""

import hmac
import shutil
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingTCPServer
from threading import Thread
from typing import Any

import structlog

from bot.engine.trainer import live_model

log = structlog.get_logger()

SECRET_HEADER = "X-Shakwa-Secret"


class ModelServer(ThreadingTCPServer):
    """Answers in threads, on a free port of this machine alone, until it is left as a context."""

    daemon_threads = True

    def __init__(self, models: Path, secret: str) -> None:
        super().__init__(("127.0.0.1", 0), _Asked)
        self.models = models
        self.secret = secret
        Thread(target=self.serve_forever, name="model-server", daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/live"

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class _Asked(BaseHTTPRequestHandler):
    server: ModelServer

    def do_GET(self) -> None:
        if not hmac.compare_digest(self.headers.get(SECRET_HEADER, "").encode(), self.server.secret.encode()):
            return self._say(HTTPStatus.UNAUTHORIZED)
        live = live_model(self.server.models)
        if live is None or self.path != "/live":
            return self._say(HTTPStatus.NOT_FOUND)
        if self.headers.get("If-None-Match") == live.file:
            return self._say(HTTPStatus.NOT_MODIFIED)
        return self._give(self.server.models / live.file)

    def _give(self, archive: Path) -> None:
        try:
            content = archive.open("rb")
        except FileNotFoundError:  # another is live by now: the next question finds it
            self._say(HTTPStatus.NOT_FOUND)
            return
        with content:
            size = archive.stat().st_size
            self._say(HTTPStatus.OK, {"ETag": archive.name, "filename": archive.name, "Content-Length": str(size)})
            shutil.copyfileobj(content, self.wfile)
        log.info("engine.model.given", model=archive.name)

    def _say(self, status: HTTPStatus, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing of each of Rasa's questions: they come every second."""
