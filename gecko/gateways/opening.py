"""The gateways of an installation, as its settings say."""

from __future__ import annotations

from ..config import Config, Secrets
from ..gateway_settings import GatewayApi, IntoFile, Smtp
from .email import EmailGateway, Mail
from .email.file import FileOutlet
from .email.return_paths import ReturnPaths
from .email.transport import SmtpTransport
from .outcomes import Fault, Fence, Outcome
from .sms import Sms, SmsProvider
from .sms.file import FileProvider
from .sms.gatewayapi import GatewayApiProvider

FOLDER = "trial"
"""Where in the instance folder trials "send" to."""


class NoEmail:
    """No way out for e-mail is set: everything waits."""

    def send(self, mail: Mail, fence: Fence) -> Outcome:
        """A fault of the set-up, without a question to the fence."""
        return Fault("No mail server is set: MAIL_URL is empty.")

    def close(self) -> None:
        """Nothing is kept open."""


class NoSms:
    """No way out for SMS is set: everything waits."""

    def send(self, sms: Sms, fence: Fence) -> Outcome:
        """A fault of the set-up, without a question to the fence."""
        return Fault("No SMS gateway is set: SMS_URL is empty.")

    def close(self) -> None:
        """Nothing is kept open."""


def email(config: Config) -> EmailGateway:
    """The way out for e-mail; keeps its connection until it is closed, for one thread."""
    match config.gateways.email:
        case Smtp() as server:
            return SmtpTransport(server)
        case IntoFile():
            return FileOutlet(config.folder(FOLDER))
    return NoEmail()


def sms(config: Config) -> SmsProvider:
    """The way out for SMS; keeps its connection until it is closed, for one thread."""
    match config.gateways.sms:
        case GatewayApi() as account:
            return GatewayApiProvider(account)
        case IntoFile():
            return FileProvider(config.folder(FOLDER))
    return NoSms()


def return_paths(config: Config, secrets: Secrets) -> ReturnPaths | None:
    """How bounces find their message; None where no domain takes them back."""
    if not config.gateways.bounce_domain:
        return None
    return ReturnPaths((secrets.secret_key, *secrets.fallbacks), config.gateways.bounce_domain)
