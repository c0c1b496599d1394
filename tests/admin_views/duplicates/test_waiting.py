"""The queue: lanes with counts, filters as chips, whose a case is, how far one is; and the history."""

import re

import pytest
from markupsafe import escape
from sqlalchemy import select

from gecko.db import db, transaction
from gecko.models.audit import AuditEntry
from gecko.models.duplicates import DuplicateCase, Lane
from gecko.models.people import StaffUser
from tests import factories

from .test_reviewing import decide, text


@pytest.fixture
def client(app, client_as):
    return client_as("office", language="en")


def owner(case_id):
    db.session.rollback()
    return db.session.get(DuplicateCase, case_id).assigned_to_id


def test_an_empty_queue_says_what_belongs_there(client):
    page = text(client.get("/duplicates/"))
    assert "No duplicates wait for a decision" in page
    assert client.get("/duplicates/start").location == "/duplicates/"


def test_lanes_counts_and_the_menu(app, client):
    case_id = factories.duplicate_case()
    page = client.get("/duplicates/").get_data(as_text=True)
    assert f'href="/duplicates/{case_id}"' in page
    assert re.search(r"Sure\s*<span class=\"g-count\">1<", page)
    assert re.search(r"Household\s*<span class=\"g-count\">0<", page)
    menu = client.get("/").get_data(as_text=True).split('href="/duplicates/"')[1][:600]
    assert re.search(r"g-count[^>]*>1<", menu)
    names = re.search(rf'href="/duplicates/{case_id}">(.*?)</a>', page)[1]
    assert names.count("<small>") == 0
    assert len({name.strip() for name in names.split("·")}) == 1


def test_a_name_that_is_cut_short_is_told_in_full(app, client):
    long = "Anna-Sophie Frederikke Wilhelmine von Hohenlohe-Schillingsfürst & Søn"
    original = factories.person(name=long)
    factories.registered_again(original)
    factories.found_case(original.id)
    page = client.get("/duplicates/").get_data(as_text=True)
    assert f'title="{escape(long)} · {escape(long)}"' in page


def test_filters_narrow_and_their_chips_take_them_off(app, client):
    other = factories.group(name="Nord")
    case_id = factories.duplicate_case()
    shown = client.get(f"/duplicates/?group={other.id}&minimum=99&lane=sure").get_data(as_text=True)
    assert "No open case matches these filters" in shown
    assert "Group: Nord" in shown
    assert 'href="/duplicates/?lane=sure&amp;minimum=99"' in shown
    for address in (
        "?lane=sure",
        "?minimum=50",
        "?reason=email",
        "?who=nobody",
        f"?group={factories.primary_group().id}",
    ):
        assert f'href="/duplicates/{case_id}?' in client.get(f"/duplicates/{address}").get_data(as_text=True), address
    for address in ("?lane=household", "?who=me", "?who=someone", "?group=across"):
        assert f'href="/duplicates/{case_id}?' not in client.get(f"/duplicates/{address}").get_data(as_text=True), (
            address
        )


def test_what_an_address_asks_that_is_not_there_narrows_nothing(app, client):
    case_id = factories.duplicate_case()
    page = client.get("/duplicates/?lane=x&group=x&minimum=7&reason=x&who=x&after=x").get_data(as_text=True)
    assert f'href="/duplicates/{case_id}"' in page


def test_a_case_is_taken_given_back_and_never_snatched(app, client, client_as):
    case_id = factories.duplicate_case()
    me = db.session.scalars(select(StaffUser.id).order_by(StaffUser.id.desc())).first()
    assert client.post(f"/duplicates/{case_id}/take", data={"seen": ""}).status_code == 303
    assert owner(case_id) == me
    assert f'href="/duplicates/{case_id}?' in client.get("/duplicates/?who=me").get_data(as_text=True)
    colleague = client_as("reviewer", language="en")
    colleague.post(f"/duplicates/{case_id}/take", data={"seen": "", "url": "/duplicates/"})
    assert owner(case_id) == me
    assert "Somebody else has been given this case meanwhile" in text(colleague.get("/duplicates/"))
    client.post(f"/duplicates/{case_id}/give", data={"seen": str(me)})
    assert owner(case_id) is None


def test_a_case_is_handed_to_a_colleague_by_name(app, client, client_as):
    case_id = factories.duplicate_case()
    bo = factories.user("reviewer", name="Bo Bech").id
    clerk = factories.user("receptionist", name="Rie Riis").id
    page = client.get(f"/duplicates/{case_id}?lane=sure").get_data(as_text=True)
    form = re.search(
        rf'action="(/duplicates/{case_id}/give[^"]*)">(.*?)</form>', page[page.index("g-menu-form") :], re.S
    )
    assert f'value="{bo}">Bo Bech<' in form[2]
    assert "Rie Riis" not in form[2]
    seen = re.search(r'name="seen" value="(\d*)"', form[2])[1]
    refused = client.post(form[1], data={"to": str(clerk), "seen": seen}, follow_redirects=True)
    assert "This user may not review duplicates." in text(refused)
    assert owner(case_id) is None
    done = client.post(form[1], data={"to": str(bo), "seen": seen}, follow_redirects=True)
    assert "The case is handed on." in text(done)
    assert "Taken by Bo Bech" in text(done)
    assert owner(case_id) == bo
    db.session.rollback()
    log = db.session.scalars(
        select(AuditEntry).where(AuditEntry.entity == "duplicate_case", AuditEntry.entity_id == str(case_id))
    ).all()
    assert [entry.changes["assigned_to_id"] for entry in log] == [[None, bo]]
    assert "case is handed" not in text(client_as("receptionist").post(form[1], data={"to": str(bo), "seen": ""}))


def test_progress_and_pace(app, client):
    cases = [factories.duplicate_case() for _n in range(4)]
    assert "0 of 4" in text(client.get("/duplicates/"))
    for case_id in cases[:3]:
        decide(client, case_id, "different")
    page = text(client.get("/duplicates/"))
    assert "3 of 4" in page
    assert "min left at your pace" in page


def test_history_lists_decisions_and_takes_them_back(app, client, client_as):
    case_id = factories.duplicate_case()
    decide(client, case_id, "different")
    page = client.get("/duplicates/history").get_data(as_text=True)
    assert "Different people" in page
    undo = re.search(r'name="decision_id" value="(\d+)"', page)[1]
    colleague = client_as("reviewer", language="en")
    assert "No decisions yet" in text(colleague.get("/duplicates/history?mine=1"))
    colleague.post("/duplicates/undo", data={"decision_id": undo})
    again = text(client.get("/duplicates/history"))
    assert "Taken back" in again
    assert 'name="decision_id"' not in client.get("/duplicates/history").get_data(as_text=True)
    twice = colleague.post("/duplicates/undo", data={"decision_id": undo}, follow_redirects=True)
    assert "taken back" in text(twice)


@pytest.mark.parametrize("address", ["/duplicates/history", "/merges/"])
def test_all_or_only_ones_own(client, address):
    for asked, chosen in ((address, address), (f"{address}?mine=1", f"{address}?mine=1")):
        page = client.get(asked).get_data(as_text=True)
        choices = re.findall(r'<a class="btn btn-sm ([\w-]+)"( aria-current="true")? href="([^"]+)">', page)
        assert [link for _button, _current, link in choices] == [address, f"{address}?mine=1"]
        marked = [link for button, current, link in choices if current and button == "btn-primary"]
        assert marked == [chosen]


def test_long_lists_lead_on(app, client, monkeypatch):
    monkeypatch.setattr("admin_views.duplicates.waiting.SIZE", 2)
    cases = [factories.duplicate_case() for _n in range(3)]
    first = client.get("/duplicates/?minimum=50").get_data(as_text=True)
    on = re.search(r'rel="next" href="([^"]+)">([^<]+)<', first)
    assert on[2] == "More"
    second = client.get(on[1].replace("&amp;", "&")).get_data(as_text=True)
    assert 'rel="next"' not in second
    shown = [set(re.findall(r'g-case-names"[^>]* href="/duplicates/(\d+)', page)) for page in (first, second)]
    assert [len(ids) for ids in shown] == [2, 1]
    assert set.union(*shown) == set(map(str, cases))


def test_a_limited_user_counts_own_cases_only(app, client_as):
    mine, other = factories.group(), factories.group()
    for group in (mine, other):
        original = factories.person(group_id=group.id)
        factories.registered_again(original)
        factories.found_case(original.id)
    client = client_as("reviewer", is_limited=True, groups=[mine], language="en")
    page = client.get("/duplicates/").get_data(as_text=True)
    assert re.search(r"All\s*<span class=\"g-count\">1<", page)
    assert re.search(r"g-count[^>]*>1<", client.get("/").get_data(as_text=True).split('href="/duplicates/"')[1][:600])
    with transaction() as session:
        session.query(DuplicateCase).update({"lane": Lane.HOUSEHOLD})
    for path in ("/duplicates/", "/"):  # counted anew where cases are decided; other pages follow
        menu = client.get(path).get_data(as_text=True).split('href="/duplicates/"')[1].split("</a>")[0]
        assert "g-count" not in menu


def test_the_search_dialog_offers_to_review_and_knows_merges(app, client, client_as):
    found = client.get("/search/results?q=review").get_data(as_text=True)
    assert 'href="/duplicates/start"' in found
    assert 'href="/merges/"' in client.get("/search/results?q=merge").get_data(as_text=True)
    assert "/duplicates/" not in client_as("receptionist", language="en").get("/search/results?q=review").text
