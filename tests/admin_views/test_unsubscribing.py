"""The link in a newsletter: a POST ends it at once (RFC 8058), a look changes nothing, and a yes can be said again."""

import json
from dataclasses import replace
from email import message_from_string

import pytest
from sqlalchemy import select

from gecko import unsubscribe_links
from gecko.channels import Channel
from gecko.db import db, transaction
from gecko.gateway_settings import GatewaySettings, IntoFile
from gecko.gateways.email import file as email_file
from gecko.models.audit import AuditEntry
from gecko.models.consents import Consent
from gecko.models.messages import MessageKind, MessageReason, MessageState
from gecko.operations import consents, merging, settings
from jobs.messages import draining, outlets
from tests import factories
from tests.gecko.operations.messaging.outbox import EMAIL, SMS, claim, draft, enqueue, fence, row, steps
from tests.gecko.operations.test_consents import answers, merge, undo
from tests.matrix import walk

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def visitor(app):
    """Somebody from outside, where forms need their token."""
    app.config["GECKO"] = replace(
        app.config["GECKO"], gateways=GatewaySettings(public_url="https://booking.example.dk", email=IntoFile())
    )
    app.config["WTF_CSRF_ENABLED"] = True
    with transaction():
        settings.put("company.name", "Klinik Ågade A/S")
        settings.put("company.email", "klinik@example.dk")
    return app.test_client()


def customer(**values):
    yes = {"accepts_marketing_email": True, "accepts_marketing_sms": True}
    return factories.customer(**{"email": "a@example.dk", "mobile": "+4520123456", **yes, **values}).id


def path(customer_id, channel=""):
    whole = unsubscribe_links.one_click(customer_id, channel) if channel else unsubscribe_links.page(customer_id)
    return whole.removeprefix("https://booking.example.dk")


def newsletter(customer_id, key="n", **values):
    wanted = {"customer_id": customer_id, "kind": MessageKind.CAMPAIGN, "is_marketing": True, **values}
    [message_id] = enqueue(draft(key, **wanted))
    return message_id


def test_one_click_ends_it_without_cookie_or_token(visitor):
    one = customer()
    answer = visitor.post(path(one, "email"), data=ONE_CLICK)
    assert (answer.status_code, answer.headers.getlist("Set-Cookie")) == (200, [])
    assert answers(one) == (False, True)
    last = db.session.scalars(select(Consent).order_by(Consent.id.desc())).first()
    assert (str(last.source), last.is_given, last.ip) == ("link", False, "127.0.0.1")
    logged = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (logged.source, logged.customer_id, logged.name) == ("link", one, "Link in a message")
    count = len(consents.history(one))
    assert visitor.post(path(one, "email"), data=ONE_CLICK).status_code == 200
    assert len(consents.history(one)) == count


def test_a_look_changes_nothing_and_speaks_the_customers_language(visitor):
    danish, english = customer(), customer(language="en", email="b@example.dk")
    before = walk.digest()
    shown = visitor.get(path(danish))
    assert shown.status_code == visitor.get(path(danish, "email")).status_code == 200
    assert (shown.headers["Referrer-Policy"], shown.headers.getlist("Set-Cookie")) == ("no-referrer", [])
    text = shown.get_data(as_text=True)
    assert "Klinik Ågade A/S" in text
    assert 'lang="da"' in text
    assert "Nej tak til e-mails" in text
    assert "No more by SMS" in visitor.get(path(english)).get_data(as_text=True)
    visitor.head(path(danish, "email"))
    assert walk.digest() == before


@pytest.mark.parametrize("wrong", ["/u/1.aaaaaaaaaaaaaaaa", "/u/x", "/u/0.aaaaaaaaaaaaaaaa"])
def test_a_link_that_nobody_signed_is_refused(visitor, queries, app, wrong):
    one = customer()
    db.session.rollback()
    with queries(app) as seen:
        assert visitor.get(wrong).status_code == 404
        assert visitor.post(f"{wrong}/email", data=ONE_CLICK).status_code == 403
    assert [statement for statement in seen if "customer" in statement] == []
    assert answers(one) == (True, True)


def test_the_link_of_one_is_no_good_for_another(visitor):
    one, other = customer(), customer(email="b@example.dk", mobile=None)
    swapped = path(one).replace(f"/u/{one}.", f"/u/{other}.")
    assert visitor.post(f"{swapped}/email").status_code == 403
    assert visitor.post(f"{path(one)}/letter").status_code == 404
    assert answers(other) == (True, True)


def test_what_waits_is_taken_back_and_what_was_claimed_does_not_pass_the_fence(visitor):
    one, other = customer(), customer(email="b@example.dk", mobile="+4522222222")
    first, second = newsletter(one, "first"), newsletter(one, "second")
    kept = [newsletter(other, "other"), *enqueue(draft("service", customer_id=one)), newsletter(one, "s", channel=SMS)]
    assert claim(limit=1) == [first]
    visitor.post(path(one, "email"), data=ONE_CLICK)
    for message_id in (first, second):
        assert (row(message_id).state, row(message_id).reason) == (MessageState.SUPPRESSED, MessageReason.NO_CONSENT)
        assert steps(message_id)[-1] == ("suppressed", None)
    assert not fence(first)
    assert [row(one).state for one in kept] == [MessageState.QUEUED] * 3
    [late] = enqueue(draft("late", customer_id=one, is_marketing=True))
    assert row(late).reason == MessageReason.NO_CONSENT


def test_a_no_holds_for_everybody_who_shares_the_address(visitor):
    mother, child = customer(), customer()
    stranger = customer(email="b@example.dk", mobile="+4522222222")
    without = customer(email=None, mobile="+4523232323")
    waiting = newsletter(child)
    visitor.post(path(mother, "email"), data=ONE_CLICK)
    assert [answers(one)[0] for one in (mother, child, stranger, without)] == [False, False, True, True]
    assert row(waiting).state == MessageState.SUPPRESSED
    visitor.post(path(without, "email"), data=ONE_CLICK)
    assert [answers(one)[0] for one in (stranger, without)] == [True, False]


def test_the_link_of_one_who_was_merged_ends_it_for_both(visitor):
    one, other = customer(), customer()
    merge_id = merge(one, other)
    assert visitor.post(path(other, "sms"), data=ONE_CLICK).status_code == 200
    assert answers(one) == (True, False)
    undo(merge_id)
    assert (answers(one), answers(other)) == ((True, False), (True, False))


def test_a_yes_can_be_said_again_to_the_words_in_force(visitor):
    one, sharing = customer(), customer()
    visitor.post(path(one, "email"), data={"answer": "no"})
    text_id = consents.wording(Channel.EMAIL, "da").id
    assert f'name="text_id" value="{text_id}"' in visitor.get(path(one)).get_data(as_text=True)
    with transaction():
        newer = consents.reword(text_id, "Ja tak til nyt fra Klinik Ågade").id
    stale = visitor.post(path(one, "email"), data={"answer": "yes", "text_id": text_id})
    assert (answers(one)[0], stale.status_code) == (False, 200)
    assert "Ja tak til nyt fra Klinik Ågade" in stale.get_data(as_text=True)
    assert visitor.post(path(one, "email"), data={"answer": "yes", "text_id": newer}).status_code == 200
    assert (answers(one)[0], answers(sharing)[0]) == (True, False)
    assert consents.history(one)[0].text_id == newer


def test_nobody_who_never_said_yes_is_signed_up_by_a_link(visitor):
    one = customer(accepts_marketing_sms=False)
    text_id = consents.wording(Channel.SMS, "da").id
    assert visitor.post(path(one, "sms"), data={"answer": "yes", "text_id": text_id}).status_code == 404
    assert answers(one) == (True, False)


def test_one_who_was_erased_is_told_that_nothing_is_sent(visitor):
    one = customer()
    link = path(one)
    with transaction():
        merging.erase(one)
    assert visitor.get(link).status_code == 200
    before = len(consents.history(one))
    answer = visitor.post(f"{link}/email", data=ONE_CLICK)
    assert (answer.status_code, len(consents.history(one))) == (200, before)


def test_newsletters_carry_the_link_and_nothing_else_does(visitor, app):
    one = customer()
    newsletter(one)
    enqueue(draft("service", customer_id=one))
    with outlets.open_outlets() as open_:
        draining.drain(EMAIL, outlets=open_)
    lines = (app.config["GECKO"].folder("trial") / email_file.NAME).read_text().splitlines()
    mails = [message_from_string(json.loads(line)["message"]) for line in lines]
    link = unsubscribe_links.one_click(one, Channel.EMAIL)
    assert [(mail["List-Unsubscribe"], mail["List-Unsubscribe-Post"]) for mail in mails] == [
        (f"<{link}>", "List-Unsubscribe=One-Click"), (None, None)
    ]  # fmt: skip
    assert visitor.post(link, data=ONE_CLICK).status_code == 200
    assert answers(one) == (False, True)


def test_marketing_to_an_address_that_is_nobodys_does_not_go(app):
    [message_id] = enqueue(draft(recipient="nogen@example.dk", is_marketing=True))
    assert row(message_id).reason == MessageReason.NO_CONSENT
