"""The gateways of this process, opened when they are first needed, and how a row becomes what they send."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TypeVar

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import selectinload, undefer

from gecko import open_links, unsubscribe_links
from gecko.channels import Channel
from gecko.config import Config, Secrets
from gecko.db import db
from gecko.gateway_settings import GatewayApi, Smtp
from gecko.gateways import opening
from gecko.gateways.email import Attachment, EmailGateway, Mail
from gecko.gateways.outcomes import Fault, Outcome
from gecko.gateways.sms import Sms, SmsProvider
from gecko.models.messages import Message, MessageAttachment, MessageChannel
from gecko.operations import company
from gecko.operations.messaging import opening as opening_of

Gateway = TypeVar("Gateway")
SENDER_LENGTH = 11
"""How many signs the name of an SMS sender may have (3GPP TS 23.040, alphanumeric address)."""
_SPELT = {"æ": "ae", "ø": "oe", "å": "aa", "Æ": "Ae", "Ø": "Oe", "Å": "Aa"}


class Outlets:
    """What this process sends through. Several threads may send at once, each over a connection of its own."""

    def __init__(self, config: Config, secrets: Secrets) -> None:
        self._config = config
        self._return_paths = opening.return_paths(config, secrets)
        self._email: list[EmailGateway] = []
        self._sms: list[SmsProvider] = []
        """Those that nobody uses at this moment; who was used last goes next, and keeps its connection."""

    def __enter__(self) -> Outlets:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for gateway in self._email:
            gateway.close()
        for provider in self._sms:
            provider.close()

    def lanes(self, channel: MessageChannel) -> int:
        """How many messages may be in hand at once."""
        settings = self._config.gateways
        way_out = settings.email if channel == MessageChannel.EMAIL else settings.sms
        return way_out.connections if isinstance(way_out, Smtp | GatewayApi) else 1

    def load(self, message_ids: list[int]) -> dict[int, Mail | Sms | None]:
        """What is to be handed over for each message; None for an e-mail while there is nobody to send as."""
        statement = (
            select(Message)
            .where(Message.id.in_(message_ids))
            .options(selectinload(Message.attachments).options(undefer(MessageAttachment.content)))
        )
        from_us = company.read()
        loaded: dict[int, Mail | Sms | None] = {}
        messages = list(db.session.scalars(statement.execution_options(populate_existing=True)))
        allowing = opening_of.allowing(one.customer_id for one in messages if one.is_marketing and one.html)
        for message in messages:
            if message.channel == MessageChannel.SMS:
                loaded[message.id] = _sms(message, from_us)
            else:
                picture = _picture(message) if message.customer_id in allowing else ""
                loaded[message.id] = self._mail(message, from_us, picture) if from_us.email else None
        db.session.rollback()  # no read transaction stays open while the other side takes its time
        return loaded

    def send(self, content: Mail | Sms | None, fence: Callable[[], bool]) -> Outcome:
        """Hand a message over; the fence is asked immediately before the point of no return."""
        match content:
            case Sms():
                with _borrowed(self._sms, lambda: opening.sms(self._config)) as provider:
                    return provider.send(content, fence)
            case Mail():
                with _borrowed(self._email, lambda: opening.email(self._config)) as gateway:
                    return gateway.send(content, fence)
        return Fault("The company has no e-mail address to send from: fill it in under Settings.")

    def _mail(self, message: Message, from_us: company.Company, picture: str) -> Mail:
        paths = self._return_paths
        return Mail(
            sender=from_us.email,
            sender_name=from_us.name,
            recipient=message.recipient or "",
            subject=message.subject or "",
            text=message.body,
            html=f"{message.html or ''}{picture}",
            message_id=f"{message.reference}@{from_us.email.rpartition('@')[2]}",
            at=message.created_at,
            return_path=paths.make(message.id) if paths else from_us.email,
            language=message.language,
            unsubscribe=_unsubscribe(message),
            attachments=tuple(Attachment(one.filename, one.media_type, one.content) for one in message.attachments),
        )


@contextmanager
def _borrowed(idle: list[Gateway], make: Callable[[], Gateway]) -> Iterator[Gateway]:
    try:
        gateway = idle.pop()
    except IndexError:
        gateway = make()
    try:
        yield gateway
    finally:
        idle.append(gateway)


def _picture(message: Message) -> str:
    """One point that tells when a newsletter is opened, for customers who allow it; the log's text is without it."""
    address = open_links.picture(message.id) if message.is_marketing and message.html else ""
    return f'<img src="{address}" width="1" height="1" alt="">' if address else ""


def _unsubscribe(message: Message) -> str:
    """Where one click ends newsletters; on nothing else, for it would end what the customer has asked for."""
    if not message.is_marketing or message.customer_id is None:
        return ""
    return unsubscribe_links.one_click(message.customer_id, Channel.EMAIL)


def _sms(message: Message, from_us: company.Company) -> Sms:
    return Sms(
        sender=sender_name(from_us.name),
        recipient=message.recipient or "",
        text=message.body,
        reference=message.reference,
        expires_at=message.expires_at,
    )


def sender_name(company_name: str) -> str:
    """The company's name as telephones show it: letters, digits and spaces, at most eleven."""
    plain = "".join(_SPELT.get(sign, sign) for sign in company_name)
    kept = " ".join(re.sub(r"[^A-Za-z0-9 ]", "", plain).split())
    return kept[:SENDER_LENGTH].strip() or "Gecko"


def open_outlets() -> Outlets:
    """The outlets of the running app's installation."""
    return Outlets(current_app.config["GECKO"], current_app.config["GECKO_SECRETS"])
