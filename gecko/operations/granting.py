"""Nobody hands out more than they hold; a super administrator holds everything."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select

from ..db import db
from ..errors import NotAllowed, NotFound
from ..language import _
from ..models.people import AccessTemplate, Role
from ..permissions import SUPER, Principal
from . import sessions


@dataclass(frozen=True, slots=True)
class Reach:
    """What somebody can do and see. groups: None means every customer."""

    permissions: frozenset[str]
    groups: frozenset[int] | None
    is_super: bool

    @classmethod
    def of(cls, principal: Principal) -> Reach:
        """The reach of a user."""
        return cls(principal.permissions, principal.groups, principal.is_super)


def of_roles(
    role_ids: Collection[int], *, is_limited: bool, group_ids: Collection[int], template_id: int | None = None
) -> Reach:
    """The reach that roles and groups give, with what an access template lends on top: as sessions work it out.

    Groups count as soon as either side is limited, whichever side names them.
    """
    template = db.session.get(AccessTemplate, template_id) if template_id else None
    wanted, groups = set(role_ids), set(group_ids)
    if template is not None:
        is_limited = is_limited or template.is_limited
        wanted |= {role.id for role in template.roles}
        groups |= {group.id for group in template.groups}
    roles = db.session.scalars(select(Role).where(Role.id.in_(wanted))).all()
    rights = frozenset(right.permission for role in roles for right in role.permissions)
    return Reach(rights, frozenset(groups) if is_limited else None, any(role.key == SUPER for role in roles))


def check(by: Principal, given: Reach) -> None:
    """Refuse to give `given` where `by` does not hold all of it."""
    if by.is_super:
        return
    if given.is_super or not given.permissions <= by.permissions:
        raise NotAllowed(_("You cannot give others rights that you do not have yourself."))
    if by.groups is not None and (given.groups is None or not given.groups <= by.groups):
        raise NotAllowed(_("You cannot give others access to customer groups that you do not see yourself."))


def check_user(by: Principal, user_id: int) -> None:
    """Refuse to touch a user who can do more than `by`."""
    target = sessions.rights_of(user_id)
    if target is None:
        raise NotFound
    if by.is_super:
        return
    reach = Reach.of(target)
    wider = by.groups is not None and (reach.groups is None or not reach.groups <= by.groups)
    if reach.is_super or wider or not reach.permissions <= by.permissions:
        raise NotAllowed(
            _("This user has rights that you do not have. Only somebody who has them can change the user.")
        )
