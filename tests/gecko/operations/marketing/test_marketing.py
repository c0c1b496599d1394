"""Marketing triggers: whom an occasion comes to, who is skipped and why, and that nobody is written to twice."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import insert, select, text, update

from gecko.clock import midnight, now, today
from gecko.db import db, transaction
from gecko.errors import Conflict, Invalid
from gecko.gateway_settings import GatewaySettings
from gecko.models.address_failures import Channel
from gecko.models.bookings import Booking
from gecko.models.customers import Customer
from gecko.models.jobs import JobRun
from gecko.models.marketing_triggers import MarketingTrigger, Occasion
from gecko.models.messages import Message, MessageChannel, MessageReason, MessageState
from gecko.models.texts import MessageTemplate
from gecko.operations import ad_hoc, address_failures, job_runs
from gecko.operations.marketing import judging, occasions, setting_up, writing
from gecko.operations.marketing.judging import Held
from gecko.operations.messaging import claiming
from jobs import runner, triggers
from tests import factories
from tests.plans import plan

WISH = "Tillykke [KUNDEFORNAVN]! Nej tak: [AFMELDLINK]"


@pytest.fixture
def open_app(app):
    app.config["GECKO"] = replace(
        app.config["GECKO"], gateways=GatewaySettings(public_url="https://booking.example.dk")
    )
    return app


def template(channel="email", body=WISH, **values):
    wanted = {"name": f"Hilsen {channel}", "channel": channel, "body": body, **values}
    if channel == "email":
        wanted.setdefault("subject", "Tillykke")
    return factories.save(MessageTemplate(**wanted)).id


def trigger(occasion=Occasion.BIRTHDAY, *, approved=True, **values):
    wanted = {"name": "Fødselsdag", "occasion": occasion, "waiting_days": 30, "standby_days": 7, **values}
    if "email_template_id" not in wanted and "sms_template_id" not in wanted:
        wanted["email_template_id"] = template(name=f"Hilsen {now()}")
    with transaction():
        made = setting_up.create(wanted)
        trigger_id, version = made.id, made.row_version
    if approved:
        with transaction():
            setting_up.approve(trigger_id, row_version=version)
    return trigger_id


def customer(**values):
    wanted = {"email": f"{now().timestamp()}@example.dk", "accepts_marketing_email": True, **values}
    return factories.customer(**wanted).id


def born(day, **values):
    return customer(birth_date=day.replace(year=1988), **values)


def coming(trigger_id, day=None):
    row = db.session.get(MarketingTrigger, trigger_id, populate_existing=True)
    return dict(occasions.coming(row, day or today()))


def judged(trigger_id, day=None):
    row = db.session.get(MarketingTrigger, trigger_id, populate_existing=True)
    return {one.customer_id: one for one in judging.of_day(row, day or today())}


def run():
    with transaction():
        run_id = job_runs.create(kind=triggers.RUN, key=f"{now()}", parameters={}, user_id=None)
    runner.execute(run_id)
    db.session.rollback()
    return db.session.get(JobRun, run_id).result


def messages(customer_id):
    statement = select(Message).where(Message.customer_id == customer_id).order_by(Message.id)
    return list(db.session.scalars(statement))


def test_birthdays(open_app):
    one = trigger()
    day = date(2026, 3, 5)
    mine = born(day)
    born(day + timedelta(days=1))
    born(day, deleted_at=now())
    born(day, group_id=factories.group(is_active=False).id)
    customer()
    assert coming(one, day) == {mine: "2026"}


def test_those_born_on_a_leap_day_have_theirs_in_short_years_too(open_app):
    one, leap = trigger(), customer(birth_date=date(1988, 2, 29))
    assert [leap in coming(one, date(year, 2, day)) for year, day in ((2027, 28), (2028, 28), (2028, 29))] == [
        True, False, True
    ]  # fmt: skip


def test_what_falls_on_a_day_without_writing_comes_on_the_next(open_app):
    one = trigger(on_saturday=False, on_sunday=False)
    friday = date(2026, 11, 20)
    people = [born(friday + timedelta(days=n)) for n in range(4)]
    assert [list(coming(one, friday + timedelta(days=n))) for n in range(4)] == [
        [people[0]], [], [], [people[3], people[2], people[1]]
    ]  # fmt: skip


def test_the_month_of_birth_comes_once_for_everybody_of_it(open_app):
    one = trigger(Occasion.BIRTH_MONTH)
    people = {born(date(2026, 11, day)) for day in (1, 17, 30)}
    born(date(2026, 12, 1))
    assert coming(one, date(2026, 11, 9)) == dict.fromkeys(people, "2026")


def visit(customer_id, days, **values):
    return factories.booking(
        customer_id, start_at=midnight(today() + timedelta(days=days)) + timedelta(hours=12), **values
    )


def test_not_seen_for_so_many_days(open_app):
    one = trigger(Occasion.NOT_SEEN, days=90)
    away, long_away, back, booked, no_show, paid = (customer() for _n in range(6))
    visit(away, -200)
    visit(away, -95)
    visit(long_away, -400)
    visit(back, -95)
    visit(back, -10)
    visit(booked, -95)
    visit(booked, 20)
    visit(no_show, -95, is_no_show=True)
    visit(paid, -100)
    bought, debtor = (one.id for one in factories.linked(accepts_marketing_email=True))
    visit(bought, -95)
    factories.invoice(debtor, customer_id=bought)
    item_id = factories.item().id
    with transaction():
        ad_hoc.create(paid, [ad_hoc.AdHocItem(item_id)], purchased_on=today() - timedelta(days=91))
    assert coming(one) == {
        away: f"{today() - timedelta(days=95)}", paid: f"{today() - timedelta(days=91)}"
    }  # fmt: skip


def test_so_many_days_after_the_first_visit(open_app):
    one = trigger(Occasion.FIRST_VISIT, days=14)
    new, old, early, called_off = (customer() for _n in range(4))
    visit(new, -14)
    visit(new, -2)
    visit(old, -300)
    visit(old, -14)
    visit(early, -13)
    visit(called_off, -14, deleted_at=now(), deleted_by_kind="staff")
    assert coming(one) == {new: "first"}


def test_a_chosen_date_comes_to_those_who_agreed_in_the_group(open_app):
    group_id = factories.group().id
    one = trigger(Occasion.CHOSEN_DATE, on_date=today(), group_id=group_id)
    mine = customer(group_id=group_id)
    customer(group_id=group_id, accepts_marketing_email=False)
    customer()
    assert coming(one) == {mine: f"{today()}"}
    assert coming(one, today() - timedelta(days=1)) == coming(one, today() + timedelta(days=7)) == {}


def test_who_is_skipped_is_told_why(open_app):
    one = trigger(sms_template_id=template("sms"), email_template_id=template())
    both = born(today(), mobile="+4520123456", accepts_marketing_sms=True)
    neither = born(today(), accepts_marketing_email=False)
    nowhere = born(today(), email=None)
    found = judged(one)
    assert found[both].channels == (MessageChannel.EMAIL, MessageChannel.SMS)
    assert found[neither].channels == found[nowhere].channels == ()
    assert dict(found[neither].hindrances)[MessageChannel.EMAIL] == MessageReason.NO_CONSENT
    assert dict(found[nowhere].hindrances)[MessageChannel.EMAIL] == MessageReason.NO_ADDRESS


def test_a_run_writes_once_in_the_language_of_each(open_app):
    template_id = template(name="Fødselsdag")
    template(name="Fødselsdag", language="en", subject="Happy birthday", body="Dear [KUNDEFORNAVN] [AFMELDLINK]")
    one = trigger(email_template_id=template_id)
    danish, english = born(today(), name="Åse Ærø"), born(today(), name="Jane Doe", language="en")
    unwilling = born(today(), accepts_marketing_email=False)
    assert run() == {"written": 2, "triggers": {str(one): 2}}
    assert run() == {"written": 0, "triggers": {str(one): 0}}
    [wish], [greeting] = messages(danish), messages(english)
    assert (wish.subject, greeting.subject) == ("Tillykke", "Happy birthday")
    assert wish.body.startswith("Tillykke Åse! Nej tak: https://booking.example.dk/u/")
    assert (wish.is_marketing, wish.state, wish.trigger_id) == (True, MessageState.QUEUED, one)
    assert messages(unwilling) == []
    assert judged(one)[danish].held is Held.HAD_IT


def shift(days):
    """Let everything be written at noon, so many days ago."""
    at = midnight(today() - timedelta(days=days)) + timedelta(hours=12)
    with transaction() as session:
        session.execute(update(Message).values(created_at=at, dedupe_key=Message.reference))


@pytest.mark.parametrize(("days", "held"), [(0, Held.WAITING), (29, Held.WAITING), (30, None)])
def test_the_waiting_period_of_one_trigger(open_app, days, held):
    one, person = trigger(waiting_days=30), born(today())
    run()
    shift(days)
    assert judged(one)[person].held == held


@pytest.mark.parametrize(("days", "held"), [(0, Held.STANDBY), (6, Held.STANDBY), (7, None)])
def test_the_standby_period_after_another_trigger(open_app, days, held):
    trigger(name="Den første")
    person = born(today())
    other = trigger(name="Den anden", standby_days=7, approved=False)
    run()
    shift(days)
    assert judged(other)[person].held == held


def test_two_triggers_on_one_day_write_once(open_app):
    first, second = trigger(name="A"), trigger(name="B")
    person = born(today())
    run()
    assert [one.trigger_id for one in messages(person)] == [min(first, second)]


def test_what_never_left_counts_for_no_period(open_app):
    one, person = trigger(), born(today())
    run()
    with transaction() as session:
        session.execute(update(Message).values(state=MessageState.SUPPRESSED, dedupe_key=Message.reference))
    assert judged(one)[person].held is None


def test_nothing_is_written_without_approval_and_a_change_takes_it_back(open_app):
    one, person = trigger(approved=False), born(today())
    run()
    assert messages(person) == []
    version = db.session.get(MarketingTrigger, one).row_version
    with transaction():
        setting_up.approve(one, row_version=version)
    run()
    [waiting] = messages(person)
    with transaction():
        setting_up.update(one, {"standby_days": 3})
    assert not db.session.get(MarketingTrigger, one).is_approved
    waiting = db.session.get(Message, waiting.id)
    assert (waiting.state, waiting.reason) == (MessageState.CANCELLED, MessageReason.WITHDRAWN)
    with pytest.raises(Conflict), transaction():
        setting_up.approve(one, row_version=version)
    with transaction():
        assert writing.write(one, [(person, "2099")]) == 0


def test_a_stopped_trigger_takes_back_what_a_sender_holds_and_what_was_set_aside(open_app):
    one, held, failing = trigger(), born(today()), born(today(), email="forkert@example.dk")
    run()
    with transaction():
        address_failures.mark(Channel.EMAIL, "forkert@example.dk", reason="550")
        db.session.execute(update(Message).values(not_before=now()))  # whatever the hour is
    with transaction():
        assert len(claiming.claim(MessageChannel.EMAIL, "a", limit=10)) == 1
    with transaction():
        setting_up.stop(one, row_version=db.session.get(MarketingTrigger, one).row_version)
    with transaction():
        address_failures.clear_for(failing, Channel.EMAIL, address="forkert@example.dk", principal=None)
    db.session.rollback()
    for person in (held, failing):
        [message] = messages(person)
        assert (message.state, message.phase, message.reason) == (MessageState.CANCELLED, None, MessageReason.WITHDRAWN)


def test_marketing_without_a_way_to_say_no_is_not_approved(app):
    one = trigger(approved=False, email_template_id=template(body="Tillykke"))
    version = db.session.get(MarketingTrigger, one).row_version
    with pytest.raises(Invalid, match="PUBLIC_URL"), transaction():
        setting_up.approve(one, row_version=version)
    app.config["GECKO"] = replace(app.config["GECKO"], gateways=GatewaySettings(public_url="https://a.dk"))
    with pytest.raises(Invalid, match="AFMELDLINK"), transaction():
        setting_up.approve(one, row_version=version)


@pytest.mark.parametrize(
    ("values", "field"),
    [({"occasion": "x"}, "occasion"), ({"occasion": "not_seen"}, "days"), ({"occasion": "chosen_date"}, "on_date"),
     ({"waiting_days": -1}, "waiting_days"), ({"standby_days": None}, "standby_days"), ({"group_id": 99}, "group_id"),
     ({"sms_template_id": -1}, "sms_template_id"), ({"email_template_id": None}, "email_template_id"),
     (dict.fromkeys(setting_up.WEEKDAYS, False), "on_monday"), ({"name": " "}, "name")],
)  # fmt: skip
def test_impossible_triggers_are_refused(sqlite_app, values, field):
    wanted = {"name": "x", "occasion": "birthday", "waiting_days": 1, "standby_days": 1}
    wanted["email_template_id"] = template()
    with pytest.raises(Invalid) as refused, transaction():
        setting_up.create(wanted | values)
    assert refused.value.field == field


def test_a_day_is_read_by_indexes(open_app, statements):
    one = trigger(Occasion.NOT_SEEN, days=90)
    born_in = [{"group_id": factories.primary_group().id, "name": f"K{n}", "accepts_marketing_email": True,
                "birth_date": date(1950, 1, 1) + timedelta(days=n)} for n in range(20_000)]  # fmt: skip
    calendar_id = factories.calendar().id
    with transaction() as session:
        session.execute(insert(Customer), born_in)
        ids = session.scalars(select(Customer.id)).all()
        session.execute(
            insert(Booking),
            [{"customer_id": customer_id, "calendar_id": calendar_id, "start_at": (at := now() - timedelta(days=n)),
              "end_at": at + timedelta(hours=1), "shown_minutes": 60} for n, customer_id in enumerate(ids)],
        )  # fmt: skip
        session.execute(text("ANALYZE"))
    row = db.session.get(MarketingTrigger, one)
    for wanted, index in (
        (occasions.birthdays(row, today()), "ix_customer_birth_date"),
        (occasions.first_visits(row, today()), "ix_booking_start"),
        *zip(occasions.unseen(row, today()), ("ix_booking_start", "ix_sale_document_issued", "ix_ad_hoc_purchase_day"),
             strict=True),
    ):  # fmt: skip
        with statements(open_app) as seen:
            assert len(db.session.execute(wanted).all()) < 100
        assert index in plan(*seen[-1], without=("seqscan",))
