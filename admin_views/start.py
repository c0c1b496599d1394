"""The start page: numbers that lead to the rows behind them; on a fresh installation, the first steps."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import current_app
from flask_admin import AdminIndexView, expose
from flask_babel import gettext
from flask_login import current_user

from gecko.clock import today
from gecko.language import _
from gecko.modules import Feature, Gate
from gecko.operations import overview
from gecko.permissions import Permission, Principal

from .formats import day, kroner, number, ore
from .guard import SIGNED_IN, Guard, switched_on
from .plots import Bar, Plot, bars
from .shell import address

T = TypeVar("T")
KEPT_FOR = 60.0
"""Seconds that a number may be old where it took long to find: over a million rows some take a tenth of a second."""
WORTH_KEEPING = 0.03
INVOICES = Gate((Feature.INVOICES,))


@dataclass(frozen=True, slots=True)
class Figure:
    """One number, and where its rows are."""

    label: str
    value: str
    url: str | None
    icon: str
    is_bad: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the guided start."""

    title: str
    text: str
    url: str
    label: str
    icon: str


class Kept:
    """Costly numbers remembered for a minute, by installation and by what the reader may see."""

    def __init__(self) -> None:
        self._values: dict[Any, tuple[float, Any]] = {}
        self._lock = threading.Lock()

    def get(self, who: Principal, work: Callable[[Principal], T]) -> T:
        """The remembered result of `work`, or a fresh one."""
        key = (current_app.config["SQLALCHEMY_DATABASE_URI"], who.groups, work.__name__)
        with self._lock:
            at, value = self._values.get(key, (0.0, None))
        if at and time.monotonic() - at < KEPT_FOR:
            return value  # type: ignore[no-any-return]
        began = time.monotonic()
        value = work(who)
        if time.monotonic() - began < WORTH_KEEPING:
            return value
        with self._lock:
            self._values = {k: v for k, v in self._values.items() if time.monotonic() - v[0] < KEPT_FOR}
            self._values[key] = (time.monotonic(), value)
        return value


kept = Kept()


def figures(who: Principal) -> list[Figure]:
    """The numbers that `who` has the rights for."""
    found: list[Figure] = []
    if who.has(Permission.CUSTOMER_VIEW):
        since = day(overview.month_start())
        new = address("customers.index_view", f_created_at_from=since)
        found.append(
            _figure(_("Customers"), kept.get(who, overview.customers), address("customers.index_view"), "users")
        )
        found.append(_figure(_("New this month"), overview.new_customers(who), new, "user-plus"))
    if who.has(Permission.BOOKING_VIEW):
        now = day(today())
        of_today = address("bookings.index_view", f_start_at_from=now, f_start_at_to=now)
        found.append(_figure(_("Bookings today"), overview.bookings_today(who), of_today, "calendar"))
    if who.has(Permission.DEBTOR_VIEW) and INVOICES.is_open(switched_on()):
        owed = kept.get(who, overview.debts)
        postings = address("postings.index_view")
        found.append(_figure(_("Debtors who owe"), owed.debtors, address("debtors.index_view"), "building-bank"))
        found.append(Figure(str(_("Outstanding")), ore(owed.outstanding_ore), postings, "coins"))
    jobs = overview.jobs(who)
    found.append(_figure(_("Jobs under way"), jobs.active, address("jobs.index", state="live"), "activity"))
    if jobs.failed:
        failed = address("jobs.index", state="failed")
        found.append(Figure(str(_("Failed jobs")), number(jobs.failed), failed, "alert-triangle", is_bad=True))
    return found


def _figure(label: Any, value: int, url: str | None, icon: str) -> Figure:
    return Figure(str(label), number(value), url, icon)


def invoiced(who: Principal) -> Plot | None:
    """What was invoiced in each of twelve months; None where there is nothing or no right to see it."""
    if not (who.has(Permission.DEBTOR_VIEW) and INVOICES.is_open(switched_on())):
        return None
    months = kept.get(who, overview.invoiced_by_month)
    if not months:
        return None
    return bars(
        [
            Bar(
                f"{month.first:%m}-{month.first:%Y}",
                month.invoiced_ore,
                ore(month.invoiced_ore),
                address("postings.index_view", f_posted_on_from=day(month.first), f_posted_on_to=day(month.last)),
                kroner(month.invoiced_ore),
            )
            for month in months
        ]
    )


def steps(who: Principal) -> list[Step]:
    """The first steps of a fresh installation that `who` may take."""
    wanted = (
        (Permission.CUSTOMER_IMPORT, "imports.index", "file-import", _("Import a file"),
         _("Customers, debtors, items or invoices from csv or Excel, with a preview before anything is written."),
         _("Import a file")),
        (Permission.CUSTOMER_CREATE, "customers.create_view", "user-plus", _("Create the first customer"),
         _("A name is enough; everything else can be added later."), _("New customer")),
        (Permission.SETTINGS_EDIT, "settings.index", "settings", _("Set the company up"),
         _("Name and address for invoices, and the modules you use."), _("Settings")),
        (Permission.USER_MANAGE, "users.create_view", "users-group", _("Let your colleagues in"),
         _("Each gets a user of their own with the roles they need."), _("New user")),
    )  # fmt: skip
    return [
        Step(gettext(str(title)), gettext(str(text)), url, gettext(str(label)), icon)
        for right, endpoint, icon, title, text, label in wanted
        if who.has(right) and (url := address(endpoint))
    ]


class StartView(Guard, AdminIndexView):
    """Where people land; everybody who is signed in may see it, and it shows only what they may open."""

    permission = SIGNED_IN
    icon = "home"

    def __init__(self) -> None:
        super().__init__(name=_("Start"), endpoint="start", url="/", template="start.html")
        self.menu_icon_value = self.icon
        self.static_folder = None
        self.static_url_path = "/static"  # the stock scripts and styles are not served

    @expose("/")
    def index(self) -> Any:
        """Show the start page."""
        who = current_user._get_current_object()
        first = steps(who) if overview.is_fresh() else []
        return self.render("start.html", figures=figures(who), plot=invoiced(who), steps=first, who=who)
