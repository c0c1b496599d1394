"""Settings that take effect: modules, features, the company, time-outs."""

import pytest

from gecko.modules import Feature, Gate, Module
from gecko.operations import company, invoicing, settings
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
    assert text.count("Intet i denne version åbner med det endnu") == 7
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
