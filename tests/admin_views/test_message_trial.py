"""The page of what was sent on trial: both files merged, and only where and for whom it is meant."""

import re
from dataclasses import replace

import pytest

from gecko.db import transaction
from gecko.gateway_settings import GatewaySettings, IntoFile
from gecko.gateways import opening
from gecko.gateways.email import Attachment
from gecko.models.customer_groups import CustomerGroup
from gecko.models.people import StaffUser
from tests import factories
from tests.gecko.gateways.mails import Gate, mail, sms

URL = "/message_trial/"


def put_on_trial(app, email=True, texts=True):
    ways = GatewaySettings(email=IntoFile() if email else None, sms=IntoFile() if texts else None)
    app.config["GECKO"] = replace(app.config["GECKO"], gateways=ways)
    return opening.email(app.config["GECKO"]), opening.sms(app.config["GECKO"])


def test_both_channels_stand_there_newest_first(sqlite_app, client_as_sqlite):
    mails, texts = put_on_trial(sqlite_app)
    client = client_as_sqlite("reviewer")
    assert "Intet er sendt på prøve endnu" in client.get(URL).get_data(as_text=True)
    plan = Attachment("plan.pdf", "application/pdf", b"%PDF-1.7")
    mails.send(mail("anna@example.dk", subject="Din <b>plan</b>", attachments=(plan,)), Gate())
    texts.send(sms(text="Vi ses & hilsen"), Gate())
    shown = client.get(URL).get_data(as_text=True)
    assert shown.index("Vi ses &amp; hilsen") < shown.index("Din &lt;b&gt;plan&lt;/b&gt;")
    for words in ("anna@example.dk", "20 12 34 56", "plan.pdf", 'href="/message_trial/"'):
        assert words in shown


def test_every_one_is_on_one_page(sqlite_app, client_as_sqlite):
    mails, texts = put_on_trial(sqlite_app)
    client = client_as_sqlite("reviewer")
    for number in range(30):
        mails.send(mail(subject=f"Mail {number}."), Gate())
        if number % 3 == 0:
            texts.send(sms(text=f"Text {number}."), Gate())
    seen, address = [], URL
    while address:
        page = client.get(address).get_data(as_text=True)
        seen += re.findall(r"(?:Mail|Text) \d+\.", page)
        found = re.search(r'rel="next" href="([^"]*)"', page)
        address = found[1].replace("&amp;", "&") if found else None
    wanted = [name for number in reversed(range(30)) for name in
              ([f"Text {number}."] if number % 3 == 0 else []) + [f"Mail {number}."]]  # fmt: skip
    assert seen == wanted


@pytest.mark.parametrize("place", ["-1", "0", "9" * 18, "9" * 30, "x", "7"])
def test_odd_places_are_no_error(sqlite_app, client_as_sqlite, place):
    mails, _texts = put_on_trial(sqlite_app)
    mails.send(mail(), Gate())
    client = client_as_sqlite("reviewer")
    assert client.get(URL, query_string={"email": place, "sms": place}).status_code == 200


def test_only_what_goes_into_a_file_is_shown(sqlite_app, client_as_sqlite):
    mails, _texts = put_on_trial(sqlite_app)
    mails.send(mail("anna@example.dk"), Gate())
    client = client_as_sqlite("reviewer")
    put_on_trial(sqlite_app, email=False)
    assert "anna@example.dk" not in client.get(URL).get_data(as_text=True)
    put_on_trial(sqlite_app, email=False, texts=False)
    assert client.get(URL).status_code == 404
    assert URL not in client.get("/").get_data(as_text=True)


def test_a_limited_user_does_not_see_everybodys(sqlite_app):
    put_on_trial(sqlite_app)
    who = factories.user("reviewer", is_limited=True)
    group_id = factories.primary_group().id
    with transaction() as session:
        session.get(StaffUser, who.id).groups = [session.get(CustomerGroup, group_id)]
    client = factories.signed_in(sqlite_app, who)
    assert client.get(URL).status_code == 404
    assert URL not in client.get("/").get_data(as_text=True)


def test_an_error_page_for_nobody_is_drawn_while_a_trial_runs(sqlite_app):
    put_on_trial(sqlite_app)
    assert sqlite_app.test_client().post("/hooks/sms").status_code == 404
