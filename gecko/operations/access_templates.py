"""Access templates: roles and customer groups that several users share."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm.attributes import flag_modified

from .. import audit
from ..db import db
from ..errors import Conflict, Invalid, NotFound
from ..language import _
from ..models.customer_groups import CustomerGroup
from ..models.people import AccessTemplate, StaffUser
from ..permissions import Principal
from . import granting, roles, super_administrators


@dataclass(frozen=True, slots=True)
class TemplateValues:
    """What a template lends to those who have it."""

    name: str
    is_limited: bool
    role_ids: frozenset[int]
    group_ids: frozenset[int]


def listed() -> list[AccessTemplate]:
    """Every template by name."""
    return list(db.session.scalars(select(AccessTemplate).order_by(AccessTemplate.name)))


def reached() -> dict[int, int]:
    """How many active users have each template."""
    statement = (
        select(StaffUser.access_template_id, func.count())
        .where(StaffUser.access_template_id.is_not(None), StaffUser.is_active, StaffUser.deleted_at.is_(None))
        .group_by(StaffUser.access_template_id)
    )
    return {int(template_id): int(number) for template_id, number in db.session.execute(statement) if template_id}


def get(template_id: int) -> AccessTemplate:
    """One template; raises NotFound."""
    template = db.session.get(AccessTemplate, template_id)
    if template is None:
        raise NotFound
    return template


def create(values: TemplateValues, *, by: Principal) -> AccessTemplate:
    """Make a template."""
    granting.check(by, _reach(values))
    template = AccessTemplate(name=_free_name(values.name))
    db.session.add(template)
    _apply(template, values)
    db.session.flush()
    return template


def change(template_id: int, values: TemplateValues, *, row_version: int, by: Principal) -> int:
    """Change a template; returns how many users that reached."""
    template = get(template_id)
    if template.row_version != row_version:
        raise Conflict
    granting.check(by, _reach_of(template))
    granting.check(by, _reach(values))
    with super_administrators.kept():
        if values.name.strip() != template.name:
            template.name = _free_name(values.name)
        _apply(template, values)
        flag_modified(template, "name")  # a new version, although only its links changed
    users = reached().get(template_id, 0)
    facts = {"template": template.name, "roles": [role.name for role in template.roles], "users": users}
    audit.record("role.change", entity="access_template", entity_id=template_id, facts=facts)
    return users


def delete(template_id: int, *, by: Principal) -> None:
    """Remove a template that nobody has."""
    template = get(template_id)
    granting.check(by, _reach_of(template))
    if db.session.scalar(select(StaffUser.id).where(StaffUser.access_template_id == template_id).limit(1)) is not None:
        raise Invalid(_("The access template is in use. Take it from its users first."))
    db.session.delete(template)


def _reach(values: TemplateValues) -> granting.Reach:
    return granting.of_roles(values.role_ids, is_limited=values.is_limited, group_ids=values.group_ids)


def _reach_of(template: AccessTemplate) -> granting.Reach:
    return granting.of_roles(
        [role.id for role in template.roles],
        is_limited=template.is_limited,
        group_ids=[group.id for group in template.groups],
    )


def _apply(template: AccessTemplate, values: TemplateValues) -> None:
    template.is_limited = values.is_limited
    template.roles = roles.chosen(values.role_ids)
    groups = select(CustomerGroup).where(CustomerGroup.id.in_(values.group_ids)).order_by(CustomerGroup.id)
    template.groups = list(db.session.scalars(groups))


def _free_name(name: str) -> str:
    name = name.strip()
    if not name or len(name) > 80:
        raise Invalid(_("Fill in a name of at most 80 characters."), field="name")
    if db.session.scalar(select(AccessTemplate.id).where(AccessTemplate.name == name)) is not None:
        raise Invalid(_("There is already one with that name."), field="name")
    return name
