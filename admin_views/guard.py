"""Who may open a page: every view names the rights it needs, or the app does not start."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from flask import abort, current_app, flash, g, redirect, request, url_for
from flask_admin import BaseView
from flask_admin.helpers import is_safe_url

from gecko.errors import Closed, GeckoError, NotAllowed, NotFound
from gecko.language import explain
from gecko.modules import Gate
from gecko.operations import settings
from gecko.permissions import Permission

from .login import principal, signed_in


class Public:
    """The type of PUBLIC."""


PUBLIC: Final = Public()
"""The declared permission of the few pages that anybody may open (log-in)."""


class SignedIn:
    """The type of SIGNED_IN."""


SIGNED_IN: Final = SignedIn()
"""The declared permission of a page that every signed-in user may open (start page, own sessions)."""

Needed = Permission | tuple[Permission, ...]


def switched_on() -> frozenset[str]:
    """The modules and features that are on, read once per request."""
    if "switched_on" not in g:
        g.switched_on = settings.switched_on()
    return g.switched_on


def holds(needed: Needed | None) -> bool:
    """Whether the signed-in user holds every right in `needed`; None means that nobody does."""
    who = signed_in()
    if needed is None or who is None:
        return False
    return who.has(*(needed if isinstance(needed, tuple) else (needed,)))


def require(*permissions: Permission) -> None:
    """Refuse with 403 whoever lacks one of the rights (401 where nobody is signed in)."""
    if not principal().has(*permissions):
        abort(403)


def require_gate(gate: Gate) -> None:
    """Answer 404 where a module or feature is switched off."""
    if not gate.is_open(switched_on()):
        abort(404)


def message_of(error: GeckoError) -> str:
    """The error's text in the reader's language."""
    return explain(error.message, error.params)


def return_url(default: str) -> str:
    """Where the form's `url` field or parameter sends people back to; never another site."""
    wanted = request.values.get("url", "")
    return wanted if wanted and is_safe_url(wanted) else default


class Guard:
    """What every view has in common: declared rights, a gate, and errors that become messages."""

    permission: Needed | Public | SignedIn
    gate: Gate = Gate()
    in_menu = True
    slug: str | None = None
    title: Any = None
    icon = "point"
    menu_query = ""
    """What the menu's link asks for, where the view's own first page is not what people come for."""

    def create_blueprint(self, admin: Any) -> Any:
        """Register the view; refuses one that does not say who may open it."""
        declared = getattr(self, "permission", None)
        if not isinstance(declared, Permission | tuple | Public | SignedIn) or declared == ():
            raise RuntimeError(f"{type(self).__name__} declares no permission")
        return super().create_blueprint(admin)  # type: ignore[misc]

    def get_url(self, endpoint: str, **values: Any) -> str:
        """An address; `.name` is a page of this very view, also when another view asks."""
        if endpoint.startswith("."):
            endpoint = f"{self.endpoint}{endpoint}"  # type: ignore[attr-defined]
        return url_for(endpoint, **values)

    def is_accessible(self) -> bool:
        """Whether the signed-in user holds the view's rights."""
        if isinstance(self.permission, SignedIn):
            return signed_in() is not None
        return isinstance(self.permission, Public) or holds(self.permission)

    def is_visible(self) -> bool:
        """Whether the menu shows the view: not where its gate is closed."""
        return self.in_menu and self.gate.is_open(switched_on())

    def badge(self) -> int | None:
        """How much waits here for the reader, beside the menu's line; None shows nothing."""
        return None

    def commands(self) -> Iterable[tuple[Any, str]]:
        """What the search dialog offers besides the page itself: texts and their addresses."""
        return ()

    def _handle_view(self, name: str, /, **kwargs: Any) -> Any:
        if self.permission is not PUBLIC:
            if signed_in() is None:
                return current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
            require_gate(self.gate)
            if not self.is_accessible():
                abort(403)
            return None
        return require_gate(self.gate)

    def _run_view(self, fn: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return fn(self, *args, **kwargs)
        except (NotFound, Closed):
            abort(404)
        except NotAllowed:
            abort(403)
        except GeckoError as error:
            if request.method != "POST":
                raise
            flash(message_of(error), "danger")
            return redirect(return_url(url_for(f"{self.endpoint}.{self._default_view}")), 303)  # type: ignore[attr-defined]


class PageView(Guard, BaseView):
    """A page that is not a grid. Subclasses state `permission`, `slug` (endpoint and URL) and `title`."""

    def __init__(self, **kw: Any) -> None:
        kw.setdefault("endpoint", self.slug)
        kw.setdefault("name", self.title)
        kw.setdefault("menu_icon_value", self.icon)
        super().__init__(**kw)
