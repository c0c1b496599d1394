"""Plain values to send."""

from datetime import UTC, datetime

from gecko.gateway_settings import Security, Smtp
from gecko.gateways.email import Mail
from gecko.gateways.email.transport import Patience, SmtpTransport
from gecko.gateways.sms import Sms

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
HASTY = Patience(reply=1.0, last=1.0)  # for servers that hang; long enough for one that is busy


def mail(recipient="anna@example.dk", **values):
    standard = {
        "sender": "info@klinik.dk",
        "subject": "Påmindelse",
        "text": "Kære Anna\n.\nVi ses.\n",
        "message_id": f"m-{recipient.partition('@')[0]}@klinik.dk",
        "at": AT,
        "return_path": "b+7.abcdefghijklmnop@bounces.klinik.dk",
    }
    return Mail(recipient=recipient, **(standard | values))


def sms(recipient="+4520123456", **values):
    standard = {"sender": "Klinikken", "text": "Vi ses i morgen kl. 10", "reference": "r-1"}
    return Sms(recipient=recipient, **(standard | values))


def to(port, patience=None, **values):
    """A transport to a server on this machine."""
    return SmtpTransport(Smtp("127.0.0.1", port, **({"security": Security.NONE} | values)), patience)


class Gate:
    """A fence that counts how often it was asked."""

    def __init__(self, *answers):
        self.asked = 0
        self._answers = list(answers) or [True]

    def __call__(self):
        self.asked += 1
        return self._answers[min(self.asked, len(self._answers)) - 1]
