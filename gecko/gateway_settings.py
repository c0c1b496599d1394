"""Which gateways an installation sends through, as the environment says.

MAIL_URL            smtp+starttls://user:password@host:587, smtps://…:465, smtp://localhost:25 (unencrypted), or file:
MAIL_CONNECTIONS    how many connections to the mail server a sender opens at most; 8 unless given
MAIL_CA_FILE        certificates to trust besides the system's, where the server has a private one
BOUNCE_DOMAIN       the domain that takes bounces back (b+…@domain); none: bounces go to the sender
BOUNCE_SECRET       what whoever posts bounces to /hooks/bounce has to bring; none: there is no such address
SMS_URL             gatewayapi://token@messaging.gatewayapi.eu, or file:
PUBLIC_URL          where customers reach this installation, https://booking.example.dk; none: no link in newsletters
SMS_WEBHOOK_SECRET  the key that GatewayAPI signs its status reports with

`file:` writes into the instance folder instead of sending, for trials. What is not set sends nothing, and waits.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import SplitResult, unquote, urlsplit

from .errors import ConfigError

CONNECTIONS = 8
"""How many a sender opens at most, one for each message in hand."""
MOST_CONNECTIONS = 32


class Security(StrEnum):
    """How the way to the mail server is protected."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


@dataclass(frozen=True, slots=True)
class Smtp:
    """The mail server that takes over what is sent."""

    host: str
    port: int
    security: Security
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""
    connections: int = CONNECTIONS


@dataclass(frozen=True, slots=True)
class GatewayApi:
    """An account at GatewayAPI."""

    host: str
    port: int
    token: str = field(repr=False)
    encrypted: bool = True
    connections: int = CONNECTIONS


@dataclass(frozen=True, slots=True)
class IntoFile:
    """Nothing is sent: the messages are written into a file of the instance folder."""


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """The ways out; None where none is set."""

    email: Smtp | IntoFile | None = None
    sms: GatewayApi | IntoFile | None = None
    bounce_domain: str = ""
    public_url: str = ""
    webhook_secret: str = field(default="", repr=False)
    bounce_secret: str = field(default="", repr=False)


_SMTP = {
    "smtp": (Security.NONE, 25),
    "smtp+starttls": (Security.STARTTLS, 587),
    "smtps": (Security.TLS, 465),
}
_DOMAIN = re.compile(r"(?=.{1,253}$)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*")
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def from_environment(environment: Mapping[str, str]) -> GatewaySettings:
    """The settings; raises ConfigError naming the variable that is wrong (never its value: it holds a password)."""
    domain = environment.get("BOUNCE_DOMAIN", "").strip().lower()
    if domain and not _DOMAIN.fullmatch(domain):
        raise ConfigError("BOUNCE_DOMAIN is not a domain.")
    return GatewaySettings(
        email=_email(environment.get("MAIL_URL", ""), environment.get("MAIL_CA_FILE", ""), _connections(environment)),
        sms=_sms(environment.get("SMS_URL", "")),
        bounce_domain=domain,
        public_url=_public_url(environment.get("PUBLIC_URL", "")),
        webhook_secret=environment.get("SMS_WEBHOOK_SECRET", ""),
        bounce_secret=environment.get("BOUNCE_SECRET", ""),
    )


def _connections(environment: Mapping[str, str]) -> int:
    given = environment.get("MAIL_CONNECTIONS", "").strip() or str(CONNECTIONS)
    if not re.fullmatch("[0-9]{1,2}", given, re.ASCII) or not 1 <= int(given) <= MOST_CONNECTIONS:
        raise ConfigError("MAIL_CONNECTIONS is a number from 1 to %(most)s.", most=MOST_CONNECTIONS)
    return int(given)


def _email(url: str, ca_file: str, connections: int) -> Smtp | IntoFile | None:
    if not url:
        return None
    if url == "file:":
        return IntoFile()
    parts = _parts(url, "MAIL_URL")
    if parts.scheme not in _SMTP:
        raise ConfigError("MAIL_URL begins with smtp+starttls://, smtps:// or smtp://, or is file:.")
    security, port = _SMTP[parts.scheme]
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    host = parts.hostname or ""
    if user and security is Security.NONE and host not in _LOOPBACK:
        raise ConfigError("MAIL_URL would send the password unencrypted: use smtp+starttls:// or smtps://.")
    return Smtp(host, parts.port or port, security, user, password, ca_file, connections)


def _sms(url: str) -> GatewayApi | IntoFile | None:
    if not url:
        return None
    if url == "file:":
        return IntoFile()
    parts = _parts(url, "SMS_URL")
    if parts.scheme not in ("gatewayapi", "gatewayapi+http") or not parts.username:
        raise ConfigError("SMS_URL is gatewayapi://token@messaging.gatewayapi.eu (or .com), or file:.")
    host, encrypted = parts.hostname or "", parts.scheme == "gatewayapi"
    if not encrypted and host not in _LOOPBACK:
        raise ConfigError("SMS_URL would send the token unencrypted: use gatewayapi://.")
    return GatewayApi(host, parts.port or (443 if encrypted else 80), unquote(parts.username), encrypted)


def _public_url(url: str) -> str:
    if not url:
        return ""
    parts = _parts(url, "PUBLIC_URL")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise ConfigError("PUBLIC_URL begins with https://: whoever listens could answer for customers.")
    return f"{parts.scheme}://{parts.netloc}"


def _parts(url: str, name: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        sound = bool(parts.hostname) and parts.port != 0 and parts.path in ("", "/") and not parts.query
    except ValueError:
        sound = False
    if not sound:
        raise ConfigError("%(name)s is not a valid address of a server.", name=name)
    return parts
