"""Sends letters by SMTP."""

import smtplib
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from bot.domain.desk import Letter

SECONDS = 20


@dataclass(frozen=True)
class Mail:
    """A mail server; without a host nothing can be sent."""

    host: str
    port: int
    user: str
    password: str
    sender: str
    tls: str
    """`starttls`, `tls` from the first byte, or `none`."""

    def send(self, letter: Letter) -> None:
        """Send a letter; raise OSError or SMTPException where that fails."""
        kind = smtplib.SMTP_SSL if self.tls == "tls" else smtplib.SMTP
        with kind(self.host, self.port, timeout=SECONDS) as server:
            if self.tls == "starttls":
                server.starttls()
            if self.user:
                server.login(self.user, self.password)
            server.send_message(self.written(letter))

    def written(self, letter: Letter) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self.sender
        message["To"] = _one_line(letter.recipient)
        message["Subject"] = _one_line(letter.subject)
        message["Date"] = formatdate(letter.created_at.timestamp())
        message["Message-ID"] = make_msgid(str(letter.id), self.sender.rpartition("@")[2].strip(">") or "localhost")
        message["Content-Language"] = "ar"
        message.set_content(letter.body)
        return message


def _one_line(text: str) -> str:
    """A line break would begin another header."""
    return " ".join(text.split())
