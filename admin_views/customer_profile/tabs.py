"""What the profile is made of: tabs with their own addresses, and actions at the top right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gecko.models.customers import Customer
from gecko.modules import Gate
from gecko.permissions import Permission, Principal

ALWAYS = Gate()


@dataclass(frozen=True, slots=True)
class Profile:
    """The customer whose page is open, and who looks. switched_on: the modules and features that are on."""

    customer: Customer
    principal: Principal
    switched_on: frozenset[str]
    known: dict[str, Any] = field(default_factory=dict, compare=False)

    def once(self, key: str, read: Callable[[], Any]) -> Any:
        """What `read` returns, read once for header and tab together."""
        if key not in self.known:
            self.known[key] = read()
        return self.known[key]

    def may(self, permission: Permission) -> bool:
        """Whether the one who looks holds the right."""
        return self.principal.has(permission)

    def is_open(self, gate: Gate) -> bool:
        """Whether the gate is open on this installation."""
        return gate.is_open(self.switched_on)


@dataclass(frozen=True, slots=True)
class Post:
    """What a tab can do: POST `/customers/<id>/<tab key>/<name>`.

    run gets the profile outside any transaction, opens its own and flashes. It returns None to go back to the tab,
    the tab's HTML with a status to show it again, or a whole response.
    """

    permission: Permission
    run: Callable[[Profile], Any]
    gate: Gate = ALWAYS


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab at `/customers/<id>/<key>`.

    count: a scalar subquery that says how many things it holds (all tabs are counted in one statement), or None where
    no number is shown. render: the tab's HTML without the page around it; query parameters are its own. A tab without
    right or with a closed gate is absent, and its addresses refuse.
    """

    key: str
    label: Any
    permission: Permission
    render: Callable[[Profile], str]
    gate: Gate = ALWAYS
    count: Callable[[Profile], Any] = lambda _profile: None
    posts: Mapping[str, Post] = field(default_factory=dict)

    def is_for(self, profile: Profile) -> bool:
        """Whether this profile has the tab."""
        return profile.may(self.permission) and profile.is_open(self.gate)


@dataclass(frozen=True, slots=True)
class Action:
    """A button at the top right that leads to `url(profile)`; absent where right or gate is missing.

    busy: where the page's content is shown in a dialog instead, what the dialog says until it is there.
    """

    key: str
    label: Any
    icon: str
    permission: Permission
    url: Callable[[Profile], str]
    gate: Gate = ALWAYS
    busy: Any = None

    def is_for(self, profile: Profile) -> bool:
        """Whether this profile has the button."""
        return profile.may(self.permission) and profile.is_open(self.gate)
