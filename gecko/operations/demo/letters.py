"""The demo's templates of messages, and one text that the clinic has made its own."""

from __future__ import annotations

from ...channels import MessageChannel
from ...db import transaction
from ...models.texts import MessageTemplate
from ..texts import storing
from ..texts.reviewing import Source
from ..texts.shipping import Name, TextKey
from .draw import ANCHOR, YEARS, Dice

_EMAIL, _SMS, _LETTER = MessageChannel.EMAIL, MessageChannel.SMS, MessageChannel.LETTER
_TEMPLATES: tuple[tuple[str, MessageChannel, str, str | None, str], ...] = (
    ("Fødselsdag", _SMS, "da", None, "Tillykke med fødselsdagen, [KUNDEFORNAVN]! Hilsen [CASHREGISTERCOMPANYNAME]"),
    ("Fødselsdag", _SMS, "en", None, "Happy birthday, [CUSTOMERFIRSTNAME]! [CASHREGISTERCOMPANYNAME]"),
    ("Vi er forsinkede", _SMS, "da", None,
     "Hej [KUNDEFORNAVN]. Vi er desværre lidt bagud i dag; regn med at vente et kvarter. [CASHREGISTERCOMPANYNAME]"),
    ("Ledig tid i denne uge", _EMAIL, "da", "Vi har fået en ledig tid, [KUNDEFORNAVN]",
     "Hej [KUNDEFORNAVN]\n\nDu står på vores venteliste, og nu er der blevet en tid ledig i denne uge. Ring på"
     " [CASHREGISTERCOMPANYPHONE], hvis du vil have den.\n\nVenlig hilsen\n[CASHREGISTERCOMPANYNAME]"),
    ("Dine kommende tider", _EMAIL, "da", "Dine tider hos [CASHREGISTERCOMPANYNAME]",
     "Hej [KUNDEFORNAVN]\n\nHer er dine aftaler hos os:\n<ul>[customerFutureBookingsBegin]<li>[DATO_LONG] kl."
     " [KLOKKEN_FRATID]: <b>[YDELSESNAVN]</b> hos [KALENDERNAVN]</li>[customerFutureBookingsEnd]</ul>\nVenlig hilsen\n"
     "[CASHREGISTERCOMPANYNAME]"),
    ("Velkomstbrev", _LETTER, "da", None,
     "<h2>Velkommen hos [CASHREGISTERCOMPANYNAME]</h2>\nKære [KUNDEFORNAVN]\n\nTak, fordi du har valgt os. Dit"
     " kundenummer er <b>[KUNDENUMMER]</b>; hav det gerne ved hånden, når du ringer.\n\nDe tider, du allerede har hos"
     " os:\n<ul>[customerFutureBookingsBegin]<li>[DATO_LONG] kl. [KLOKKEN_FRATID]: [YDELSESNAVN] hos"
     " [KALENDERNAVN]</li>[customerFutureBookingsEnd]</ul>\nBliver du forhindret, så giv os besked senest dagen før på"
     " [CASHREGISTERCOMPANYPHONE].\n\nVi glæder os til at se dig.\n\nVenlig hilsen\n[CASHREGISTERCOMPANYNAME]"),
    ("Velkomstbrev", _LETTER, "en", None,
     "<h2>Welcome to [CASHREGISTERCOMPANYNAME]</h2>\nDear [CUSTOMERFIRSTNAME]\n\nThank you for choosing us. Your"
     " customer number is <b>[CUSTOMERNUMBER]</b>; please have it at hand when you call.\n\nThe appointments you"
     " already have with us:\n<ul>[customerFutureBookingsBegin]<li>[BOOKINGDATE_LONG] at [BOOKINGREALTIMEFROM]:"
     " [SERVICENAME] with [CALENDARNAME]</li>[customerFutureBookingsEnd]</ul>\nIf you cannot come, please tell us no"
     " later than the day before on [CASHREGISTERCOMPANYPHONE].\n\nWe look forward to seeing you.\n\nKind regards\n"
     "[CASHREGISTERCOMPANYNAME]"),
    ("Indkaldelse til kontrol", _LETTER, "da", None,
     "<h2>Det er tid til kontrol</h2>\nKære [KUNDEFORNAVN]\n\nDet er et stykke tid siden,"
     " vi så dig, og vi vil gerne se dig igen.\n\nRing til os på [CASHREGISTERCOMPANYPHONE], eller skriv til"
     " [CASHREGISTERCOMPANYEMAIL], så finder vi en tid, der passer dig. Har du allerede aftalt en ny tid, kan du se"
     " bort fra dette brev.\n\nVenlig hilsen\n[CASHREGISTERCOMPANYNAME]"),
)  # fmt: skip
_CARD = Name(TextKey.APPOINTMENT_CARD, MessageChannel.SMS, "da")


def build(dice: Dice) -> None:
    """Write the templates and the clinic's own appointment card."""
    with transaction() as session:
        session.add_all(
            MessageTemplate(
                name=name, channel=channel, language=language, subject=subject, body=body,
                created_at=dice.instant(ANCHOR - YEARS),
            )
            for name, channel, language, subject, body in _TEMPLATES
        )  # fmt: skip
        card = storing.held(_CARD)
        storing.change(_CARD, Source("", f"Kære [KUNDEFORNAVN]\n{card.source.body}"), seen=card.mark)
