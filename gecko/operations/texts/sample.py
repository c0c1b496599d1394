"""A customer who does not exist, for examples of what codes say and previews without a customer."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from ...clock import from_local, local
from ...models.customer_fields import FieldType
from ..company import Company
from .facts import Answer, Booked, Facts, Group, Person, Purchases, Recalled, Tag

GROUP = Group(1, "Privatkunder", "Alle private kunder", "Åbent mandag til fredag", "Parkering i gården", 10)
COMPANY = Company(
    "Nørrebro Klinik ApS", "Nørrebrogade 20", "2200", "København N", "12345674", "+4535353535", "kontakt@example.dk",
    "1234", "1234567",
)  # fmt: skip


def facts(at: datetime | None = None) -> Facts:
    """The example, as of `at` (a November day of 2026 where not given): a visit in three days and one in a month."""
    at = at or datetime(2026, 11, 22, 11, 0, tzinfo=UTC)
    first, second, last = (_booked(at, number, days) for number, days in ((4711, 3), (4712, 31), (4630, -35)))
    person = Person(
        id=1204, name="Mette Kirstine Sørensen", group=GROUP, number="K-1204", address="Åboulevarden 12, 2. th.",
        postal_code="2200", city="København N", telephone="+4535102030", mobile="+4520123456",
        email="mette@example.dk", born_on=date(1987, 4, 9), age=39, gender="female", clips_left=4,
        accepts_marketing_email=True, has_password=True, cpr_masked="090487-****",
        answers={123: Answer(FieldType.LINE, "Blå")}, tags=(Tag(5, "VIP", "siden 2019"),),
        purchases=Purchases(7, 412_500, 330_000, date(2026, 10, 18)), bookings=(first, second), last_booking=last,
        next_booking=first, recall=Recalled(local(at).date() + timedelta(days=10), "Massage, 45 min."),
        unsubscribe_link="https://booking.example.dk/u/1204.k7ma3v5tq2xw6pbn",
    )  # fmt: skip
    return Facts(at, COMPANY, person, first)


def _booked(at: datetime, number: int, days: int) -> Booked:
    day = local(at) + timedelta(days=days)
    begins = from_local(day.replace(hour=14, minute=30, second=0, microsecond=0, tzinfo=None))
    return Booked(
        number, begins, begins + timedelta(minutes=45), "Massage, 45 min.", "Anna", GROUP, "Bekræftet", True,
        "Jeg kommer med min datter", "Indgang fra gården i dag", 62_500,
    )  # fmt: skip
