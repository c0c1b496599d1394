"""Nobody hands out more than they hold: what is checked is what the session will later see."""

import pytest

from gecko.db import transaction
from gecko.errors import NotAllowed
from gecko.models.customer_groups import CustomerGroup
from gecko.models.people import AccessTemplate
from gecko.operations import sessions, users
from gecko.operations.users import UserValues
from gecko.permissions import Permission, Principal
from tests import factories


@pytest.fixture
def groups(sqlite_app):
    mine, foreign = (factories.save(CustomerGroup(name=name)) for name in ("Egne", "Fremmede"))
    with transaction() as session:
        template = AccessTemplate(name="Kun egne", is_limited=True)
        template.groups = [session.get_one(CustomerGroup, mine.id)]
        session.add(template)
    return mine.id, foreign.id, template.id


def manager(*group_ids):
    return Principal(
        user_id=factories.user().id,
        session_id=None,
        username="leder",
        name="Leder",
        permissions=frozenset({Permission.USER_MANAGE}),
        groups=frozenset(group_ids),
    )


def test_groups_named_beside_a_limiting_template_count(groups):
    mine, foreign, template_id = groups
    by = manager(mine)
    values = UserValues(username="ny", name="Ny", template_id=template_id, group_ids=frozenset({foreign}))
    with pytest.raises(NotAllowed), transaction():
        users.create(values, by=by)


def test_what_is_checked_is_what_the_user_then_sees(groups):
    mine, foreign, template_id = groups
    by = manager(mine, foreign)
    values = UserValues(username="ny", name="Ny", template_id=template_id, group_ids=frozenset({foreign}))
    with transaction():
        user_id = users.create(values, by=by).id
    assert sessions.principal(user_id).groups == {mine, foreign}
