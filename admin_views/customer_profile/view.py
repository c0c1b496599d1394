"""The profile's pages: one address for each tab, one for each thing a tab can do."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_admin import expose
from flask_babel import gettext
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from gecko.db import db
from gecko.errors import GeckoError, NotAllowed, NotFound
from gecko.language import _
from gecko.models.customers import Customer
from gecko.operations import survivors, visibility
from gecko.permissions import Permission

from ..guard import PageView, message_of, switched_on
from ..login import principal
from . import bookings, header, registry
from .tabs import Post, Profile, Tab


class CustomerProfileView(PageView):
    """Everything about one customer. A customer the user may not see does not exist."""

    permission = Permission.CUSTOMER_VIEW
    slug = "customer_profile"
    title = _("Customer")
    in_menu = False

    def __init__(self) -> None:
        super().__init__(url="/customers/<int:customer_id>")

    @expose("/")
    def index(self, customer_id: int) -> Any:
        """Customer information opens first."""
        return self.tab(customer_id, registry.OPENS_FIRST)

    @expose("/<tab_key>")
    def tab(self, customer_id: int, tab_key: str) -> Any:
        """One tab: the whole page, or its content alone where htmx asks."""
        profile = load(customer_id)
        tab = _find(profile, tab_key)
        return self._show(profile, tab, tab.render(profile))

    @expose("/bookings/print")
    def print_bookings(self, customer_id: int) -> Any:
        """The active reservations, to be printed and handed over."""
        profile = load(customer_id)
        _find(profile, "bookings")
        return bookings.render_print(profile)

    @expose("/<tab_key>/<act>", methods=("POST",))
    def post(self, customer_id: int, tab_key: str, act: str) -> Any:
        """Do what the tab offers under that name, then show the tab."""
        profile = load(customer_id)
        tab = _find(profile, tab_key)
        offered: Post | None = tab.posts.get(act)
        if offered is None or not profile.is_open(offered.gate):
            abort(404)
        if not profile.may(offered.permission):
            abort(403)
        try:
            answer = offered.run(profile)
        except (NotFound, NotAllowed):
            raise
        except GeckoError as error:
            flash(message_of(error), "danger")
            answer = None
        if answer is None:
            return redirect(tab_url(customer_id, tab_key), 303)
        if isinstance(answer, tuple):
            content, status = answer
            return self._show(load(customer_id), tab, content), status
        return answer

    def _show(self, profile: Profile, tab: Tab, content: str) -> str:
        if request.headers.get("HX-Target") == "g-tab" and not request.headers.get("HX-History-Restore-Request"):
            return self.render(
                "customer_profile/tab.html",
                tab=tab,
                content=Markup(content),  # noqa: S704 (a template escaped it)
                profile=profile,
                customer=profile.customer,
            )
        tabs = [one for one in registry.TABS if one.is_for(profile)]
        return self.render(
            "customer_profile/page.html",
            profile=profile,
            customer=profile.customer,
            tab=tab,
            tabs=tabs,
            actions=[one for one in registry.ACTIONS if one.is_for(profile)],
            header=header.read(profile, tabs),
            content=Markup(content),  # noqa: S704 (a template escaped it)
            tab_url=tab_url,
        )


def load(customer_id: int) -> Profile:
    """The profile of a living customer that the signed-in user may see; 404 otherwise.

    One who was merged leads to the profile of whoever absorbed them; what was to be changed is not.
    """
    who = principal()
    statement = (
        select(Customer)
        .where(Customer.id == customer_id, Customer.deleted_at.is_(None))
        .options(joinedload(Customer.group))
        .execution_options(populate_existing=True)
    )
    customer = db.session.scalar(visibility.customers(statement, who))
    if customer is None:
        _lead_on(customer_id)
        abort(404)
    return Profile(customer, who, switched_on())


def _lead_on(customer_id: int) -> None:
    """Redirect to who answers for a customer that was merged, where the user may see both."""
    ids = (customer_id, survivors.resolve(customer_id))
    statement = visibility.customers(select(Customer.id).where(Customer.id.in_(ids)), principal())
    if ids[0] == ids[1] or len(db.session.scalars(statement).all()) < 2:
        return
    if request.method == "POST":
        flash(gettext("The customer was merged into this one meanwhile; nothing was changed."), "warning")
    else:
        flash(gettext("The customer you asked for was merged into this one."), "info")
    tab_key = (request.view_args or {}).get("tab_key", registry.OPENS_FIRST)
    abort(redirect(tab_url(ids[1], tab_key), 303 if request.method == "POST" else 302))


def tab_url(customer_id: int, tab_key: str) -> str:
    """The address of a tab; the one that opens first has the customer's own."""
    if tab_key == registry.OPENS_FIRST:
        return url_for("customer_profile.index", customer_id=customer_id)
    return url_for("customer_profile.tab", customer_id=customer_id, tab_key=tab_key)


def _find(profile: Profile, tab_key: str) -> Tab:
    """The tab of that key: 404 where there is none or its gate is closed, 403 without the right."""
    tab = next((one for one in registry.TABS if one.key == tab_key), None)
    if tab is None or not profile.is_open(tab.gate):
        abort(404)
    if not profile.may(tab.permission):
        abort(403)
    return tab
