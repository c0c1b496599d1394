"""Settings that take effect: modules, features, the company, time-outs."""

from datetime import datetime

import pytest
from sqlalchemy import update

from gecko import clock
from gecko.db import db, transaction
from gecko.models.messages import ChannelState, Message, MessageChannel
from gecko.modules import Feature, Gate, Module
from gecko.operations import company, invoicing, settings
from gecko.operations.messaging import claiming, quiet
from tests import factories, pages


@pytest.fixture
def boss(sqlite_app, client_as_sqlite):
    return client_as_sqlite("super")


def form_of(boss, **changes):
    values = pages.form_values(boss.get("/settings/").get_data(as_text=True), having="seen")
    return {name: value for name, value in (values | changes).items() if value is not None}


def save(boss, **changes):
    return boss.post("/settings/", data=form_of(boss, **changes))


def test_a_module_switched_off_closes_its_features(boss):
    assert Gate((Feature.INVOICES,)).is_open(settings.switched_on())
    assert save(boss, module_cash_register=None).status_code == 303
    on = settings.switched_on()
    assert Module.CASH_REGISTER not in on
    assert Feature.INVOICES not in on
    assert Feature.CONTACTS in on
    assert save(boss, module_cash_register="y").status_code == 303
    assert Feature.INVOICES in settings.switched_on()


def test_the_page_says_what_each_opens_and_what_opens_nothing_yet(boss):
    text = boss.get("/settings/").get_data(as_text=True)
    assert text.count("Intet i denne version åbner med det endnu") == 6
    assert "fanen Køb" in text


def test_the_companys_particulars_are_checked_and_printed_on_invoices(boss):
    good = {
        "company_name": "Salon Ågård ApS", "company_address": "Torvet 1", "company_postal_code": "8000",
        "company_city": "Aarhus C", "company_cvr": "DK 13 58 56 28", "company_phone": "20123456",
        "company_email": "kontakt@salon.dk", "company_bank_reg_no": "1234", "company_bank_account_no": "0001 234567",
    }  # fmt: skip
    response = save(boss, **good)
    assert response.status_code == 303, response.get_data(as_text=True)
    stored = company.read()
    assert (stored.cvr, stored.bank_account_no) == ("13585628", "0001234567")
    assert invoicing.seller_snapshot()["name"] == "Salon Ågård ApS"
    assert invoicing.seller_snapshot()["cvr"] == "13585628"


@pytest.mark.parametrize(
    ("field", "value"),
    [("cvr", "13585627"), ("postal_code", "80"), ("bank_reg_no", "12"), ("bank_account_no", "12"), ("email", "nobody")],
)
def test_a_wrong_particular_is_refused_beside_its_field(boss, field, value):
    response = save(boss, **{f"company_{field}": value, "company_name": "Kept"})
    text = response.get_data(as_text=True)
    assert response.status_code == 200
    assert f'id="company_{field}-error"' in text
    assert 'value="Kept"' in text
    assert company.read().name == ""


def test_settings_filled_in_over_anothers_change_are_not_saved(boss):
    mine = form_of(boss, company_name="Mine")
    assert save(boss, company_name="Theirs").status_code == 303
    response = boss.post("/settings/", data=mine)
    text = response.get_data(as_text=True)
    assert response.status_code == 409
    assert "Theirs" in text
    assert 'value="Mine"' in text
    assert company.read().name == "Theirs"
    again = pages.form_values(text, having="seen")["seen"]
    assert boss.post("/settings/", data=mine | {"seen": again}).status_code == 303
    assert company.read().name == "Mine"


def test_the_time_out_field_is_read_by_sessions(boss):
    from gecko.operations import sessions

    assert save(boss, idle_minutes="45", absolute_hours="8").status_code == 303
    assert sessions.timeouts().idle.total_seconds() == 45 * 60
    assert sessions.timeouts().absolute.total_seconds() == 8 * 3600
    assert save(boss, idle_minutes="1").status_code == 200


def test_only_those_with_the_right_see_settings(sqlite_app):
    assert factories.signed_in(sqlite_app, factories.user("office")).get("/settings/").status_code == 403


@pytest.mark.parametrize(("typed", "kept"), [("20:30", "20:30"), ("8", "08:00"), ("7.05", "07:05"), ("0730", "07:30")])
def test_quiet_hours_are_typed_freely_and_move_automatic_messages(boss, typed, kept):
    assert save(boss, quiet_from="00:00", quiet_until=typed).status_code == 303
    assert settings.get("message.quiet_until") == kept
    night = clock.from_local(datetime(2026, 11, 23, 0, 0))
    hour, minute = map(int, kept.split(":"))
    assert quiet.next_allowed(night) == clock.from_local(datetime(2026, 11, 23, hour, minute))


@pytest.mark.parametrize(
    ("field", "value"),
    [("quiet_from", "25:00"), ("quiet_until", "8.75"), ("quiet_from", "evening"), ("quiet_from", ""),
     ("daily_cap", "0"), ("email_per_minute", "-1"), ("sms_per_minute", "many"), ("sms_price_ore", "-0,10"),
     ("sms_price_ore", "200"),
     ("sms_price_ore", "")],
)  # fmt: skip
def test_a_wrong_choice_for_messages_is_refused_and_kept_as_typed(boss, field, value):
    before = settings.stored()
    response = save(boss, **{field: value})
    assert response.status_code == 200
    assert f'id="{field}-error"' in response.get_data(as_text=True)
    assert f'value="{value}"' in response.get_data(as_text=True)
    assert settings.stored() == before


def test_the_outbox_obeys_the_cap_and_the_pace_that_were_chosen(boss):
    assert save(boss, daily_cap="1", email_per_minute="2", sms_price_ore="0,45").status_code == 303
    assert settings.get("message.sms_price_ore") == 45
    for number in range(3):
        factories.message(recipient=f"{number}@example.dk")
    with transaction():
        assert len(claiming.claim(MessageChannel.EMAIL, "test", limit=10)) == 2
    factories.message(recipient="full@example.dk")
    with transaction() as session:
        session.execute(
            update(Message).values(state="sent", phase=None, recipient="full@example.dk", sent_at=clock.now())
        )
        session.execute(update(ChannelState).values(allowance=2.0, allowance_at=clock.now()))
    waiting = factories.message(recipient="full@example.dk")
    with transaction():
        assert claiming.claim(MessageChannel.EMAIL, "test", limit=10) == []
    db.session.rollback()
    assert db.session.get(Message, waiting).not_before > clock.now()
