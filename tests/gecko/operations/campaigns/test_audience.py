"""Who gets a campaign and who does not: the dry run and the outbox judge alike."""

from sqlalchemy import select

from gecko.db import db, transaction
from gecko.models.address_failures import Channel
from gecko.models.customers import Customer
from gecko.models.messages import Message, MessageReason
from gecko.operations import address_failures, customers
from gecko.operations.campaigns import audience
from tests import factories
from tests.gecko.operations.campaigns.mailings import (
    BOSS,
    EMAIL,
    EVERYBODY,
    SMS,
    awake,
    drafted,
    standing,
    start,
    willing,
    write,
)

R = MessageReason


def _population():
    sleeping = factories.group(is_active=False)
    with transaction():
        address_failures.mark(Channel.EMAIL, "fejl@example.dk", reason="550 no such user")
    return {
        "goes": willing(name="Anna", email="anna@example.dk", mobile="+4520000001"),
        "english": willing(name="Bob", email="bob@example.dk", language="en"),
        "shares": willing(name="Carl", email="anna@example.dk", mobile="+4520000001"),
        "nowhere": willing(name="Dorte"),
        "failed": willing(name="Erik", email="fejl@example.dk"),
        "unasked": factories.customer(name="Freja", email="freja@example.dk").id,
        "asleep": willing(name="Gerda", email="gerda@example.dk", group_id=sleeping.id),
        "gone": willing(name="Hans", email="hans@example.dk"),
    }


def _reasons(ids, **values):
    return {one.customer_id: one.reason for one in audience.skipped(ids, EMAIL, **values)}


def test_everybody_who_gets_nothing_is_named_with_the_reason(app):
    who = _population()
    with transaction():
        customers.delete(who["gone"], principal=BOSS)
    picked = select(Customer.id).where(Customer.id.in_(who.values()))
    counts = audience.count(picked, EMAIL, is_marketing=True)
    assert (counts.going, counts.left_out) == (2, 6)
    expected = {
        who["shares"]: R.ADDRESS_SHARED,
        who["nowhere"]: R.NO_ADDRESS,
        who["failed"]: R.ADDRESS_FAILED,
        who["unasked"]: R.NO_CONSENT,
        who["asleep"]: R.GROUP_INACTIVE,
        who["gone"]: R.CUSTOMER_GONE,
    }
    assert _reasons(picked, is_marketing=True) == expected
    assert dict(counts.skipped) == dict.fromkeys(expected.values(), 1)
    assert audience.first_going(picked, EMAIL, is_marketing=True) == who["goes"]
    assert audience.count(picked, SMS, is_marketing=True).going == 1


def test_a_service_message_asks_for_no_consent_but_for_all_the_rest(app):
    who = _population()
    reasons = _reasons(EVERYBODY, is_marketing=False)
    assert who["unasked"] not in reasons
    assert reasons[who["failed"]] == R.ADDRESS_FAILED
    assert reasons[who["asleep"]] == R.GROUP_INACTIVE


def test_the_skipped_come_page_by_page_and_by_reason(app):
    _population()
    everybody = audience.skipped(EVERYBODY, EMAIL, is_marketing=True)
    paged, above = [], 0
    while page := audience.skipped(EVERYBODY, EMAIL, is_marketing=True, above=above, limit=2):
        assert len(page) <= 2
        paged += page
        above = page[-1].customer_id
    assert paged == everybody
    shared = audience.skipped(EVERYBODY, EMAIL, is_marketing=True, reason=R.ADDRESS_SHARED)
    assert [one.name for one in shared] == ["Carl"]


def test_the_outbox_holds_what_the_dry_run_foretold(app):
    awake()
    _population()
    foretold = {one.customer_id: one.reason for one in audience.skipped(EVERYBODY, EMAIL, is_marketing=True)}
    campaign_id = drafted()
    start(campaign_id)
    write(campaign_id)
    rows = db.session.scalars(select(Message).where(Message.campaign_id == campaign_id)).all()
    assert {row.customer_id: row.reason for row in rows if row.reason} == foretold
    assert standing(campaign_id)["queued", None] == 3
    assert all(not row.body for row in rows if row.reason not in (None, R.ADDRESS_FAILED))


def test_counting_takes_one_statement_however_many_there_are(app, queries):
    for number in range(30):
        willing(email=f"{number % 20}@example.dk")
    with queries(app) as asked:
        counts = audience.count(EVERYBODY, EMAIL, is_marketing=True)
    assert (counts.going, counts.left_out) == (20, 10)
    assert len(asked) == 1
