"""The card Newsletters: what the customer answered to marketing, when, how, and to which words."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from gecko.channels import Channel
from gecko.language import _ as lazy
from gecko.models.consents import Consent, ConsentSource
from gecko.operations import consents

from .tabs import Profile

SOURCES: dict[ConsentSource, Any] = {
    ConsentSource.REGISTERED: lazy("Stood here before answers were kept"),
    ConsentSource.STAFF: lazy("Written down by staff"),
    ConsentSource.IMPORT: lazy("Import"),
    ConsentSource.LINK: lazy("The customer, by the link in a message"),
    ConsentSource.MERGE: lazy("Merge: yes only where all said yes"),
    ConsentSource.UNDO: lazy("A merge was undone"),
    ConsentSource.ERASURE: lazy("The customer was erased"),
    ConsentSource.SYSTEM: lazy("The system"),
    ConsentSource.OUTSIDE: lazy("Changed outside the product"),
}


def lines(profile: Profile) -> list[dict[str, Any]]:
    """The answers as the card shows them, newest first."""
    return [_line(one, profile.customer.id) for one in consents.history(profile.customer.id)]


def _line(row: Consent, customer_id: int) -> dict[str, Any]:
    by_mail = row.channel is Channel.EMAIL
    said = (_("Yes to e-mail"), _("Yes to SMS")) if row.is_given else (_("No to e-mail"), _("No to SMS"))
    return {
        "is_given": row.is_given,
        "said": said[0] if by_mail else said[1],
        "at": row.at,
        "source": SOURCES[row.source],
        "name": row.name if row.source is ConsentSource.STAFF else None,
        "wording": row.wording.text if row.wording else None,
        "is_absorbed": row.customer_id != customer_id,
    }
