"""A limited user sees the rows of the own customer groups: on every page, what is another group's does not exist."""

import pytest

from gecko.db import db, transaction
from gecko.models.customer_groups import CustomerGroup
from gecko.models.people import StaffUser
from tests import factories
from tests.matrix import walk, world

# Grids of rows that belong to customers, and grids whose rows everybody with the right may see.
LIMITED = {
    "customers", "contacts", "debtors", "invoices", "invoice-drafts", "postings", "messages", "bookings", "calendars",
    "services", "recalls", "marketing-triggers", "dunning",
}  # fmt: skip
COMMON = {
    "users", "groups", "markings", "customer-fields", "debtor-groups", "payment-terms", "payment-types", "items",
    "item-groups", "bank-accounts", "bank-payments", "booking-statuses", "message-templates",
    "recall-templates", "campaigns", "reference-rates",
}  # fmt: skip
MINE, THEIRS = "Synlig", "Hemmelig"
NOWHERE = 987_654


def grids(app):
    return {
        name: view for name, view in walk.views(app).items() if hasattr(view, "column_list") and hasattr(view, "scope")
    }


@pytest.fixture
def rows(sqlite_app):
    sqlite_app.config["WTF_CSRF_ENABLED"] = False
    group = factories.group()
    return world.owned(factories.primary_group().id, MINE), world.owned(group.id, THEIRS)


@pytest.fixture
def limited(sqlite_app, rows):
    """A user with every right of an office manager over the primary group alone."""
    who = factories.user("office", is_limited=True)
    group_id = factories.primary_group().id
    with transaction() as session:
        session.get(StaffUser, who.id).groups = [session.get(CustomerGroup, group_id)]
    return factories.signed_in(sqlite_app, who)


def test_every_grid_is_sorted_into_limited_or_common(sqlite_app):
    assert set(grids(sqlite_app)) == LIMITED | COMMON


@pytest.mark.parametrize("name", sorted(LIMITED))
def test_lists_searches_and_lookups_hold_only_ones_own(sqlite_app, limited, rows, name):
    for path in (
        f"/{name}/",
        f"/{name}/?q={THEIRS}",
        f"/{name}/lookup?q={THEIRS}",
        f"/{name}/lookup?q=",
        f"/{name}/count",
    ):
        response = limited.get(path)
        text = response.get_data(as_text=True).replace(f'value="{THEIRS}"', "").replace(f"“{THEIRS}”", "")
        assert response.status_code == 200, path
        assert THEIRS not in text.replace(f"q={THEIRS}", "").replace(f"q%3D{THEIRS}", ""), path
    assert MINE in limited.get(f"/{name}/").get_data(as_text=True)


@pytest.mark.parametrize("name", sorted(LIMITED))
def test_a_foreign_row_answers_as_one_that_does_not_exist(sqlite_app, limited, rows, name):
    noun, (_mine, theirs) = world.NOUNS[name], rows
    before, wrong = walk.digest(), []
    for rule in walk.rules(sqlite_app):
        view = str(rule.endpoint).rpartition(".")[0]
        is_profile = name == "customers" and view == "customer_profile"
        if (view != name and not is_profile) or str(rule.endpoint).rpartition(".")[2] in {
            "index_view", "count_view", "lookup_view", "columns_view", "save_view", "delete_saved_view", "create_view",
            "bulk_view", "export_view", "fields_view", "matches_view", "total_view", "run_view",
        }:  # fmt: skip
            continue
        for method in walk.methods(rule):
            answers = []
            for row_id in (theirs[noun], NOWHERE):
                path = world.address(rule, {**theirs, noun: row_id})
                response = limited.open(path, method=method, data={"id": row_id} if method == "POST" else None)
                answers.append(response.status_code)
            if answers != [404, 404]:
                wrong.append((method, rule.rule, answers))
    assert not wrong, wrong
    db.session.rollback()
    after = walk.digest()
    assert {table for table in after if after[table] != before[table]} == set()


@pytest.mark.parametrize("name", sorted(LIMITED))
def test_bulk_actions_pass_foreign_rows_over(sqlite_app, limited, rows, name):
    _mine, theirs = rows
    before = walk.digest()
    data = {"action": "delete", "ids": [str(theirs[world.NOUNS[name]])], "confirmed": "1"}
    assert limited.post(f"/{name}/bulk", data=data).status_code in {303, 403}
    assert walk.digest() == before


def test_one_without_limits_sees_both(sqlite_app, rows):
    client = factories.signed_in(sqlite_app, factories.user("office"))
    for name in LIMITED:
        text = client.get(f"/{name}/").get_data(as_text=True)
        assert THEIRS in text, name
        assert MINE in text, name


def test_the_global_search_finds_only_ones_own(sqlite_app, limited, rows):
    text = limited.get(f"/search/results?q={THEIRS}").get_data(as_text=True)
    assert f"/customers/{rows[1]['customer']}" not in text
    assert f"id={rows[1]['debtor']}" not in text


@pytest.mark.parametrize(("grid", "noun"), [("invoices", "customer"), ("invoices", "debtor"), ("postings", "debtor")])
def test_a_filter_names_no_foreign_record(sqlite_app, limited, rows, grid, noun):
    mine, theirs = rows
    assert THEIRS not in limited.get(f"/{grid}/?f_{noun}_id={theirs[noun]}").get_data(as_text=True)
    assert MINE in limited.get(f"/{grid}/?f_{noun}_id={mine[noun]}").get_data(as_text=True)


def test_the_names_of_other_groups_stay_unknown(sqlite_app, limited, rows):
    foreign = factories.group(name="Nabogruppen").id
    mine = factories.primary_group()
    for path in ("/customers/", f"/customers/?f_group_id={foreign}", "/customers/new/", "/groups/"):
        shown = limited.get(path).get_data(as_text=True)
        assert "Nabogruppen" not in shown, path
        assert mine.name in shown, path
    data = {"ids": rows[0]["customer"], "action": "set:group_id"}
    preview = limited.post("/customers/bulk", data=data).get_data(as_text=True)
    assert "Nabogruppen" not in preview
    assert mine.name in preview
    assert "Nabogruppen" in factories.signed_in(sqlite_app, factories.user("office")).get("/customers/").text
