"""The pages of texts: list, editor with preview and findings, conflicts, reset, codes, and who may."""

from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select

from gecko.channels import MessageChannel
from gecko.clock import now
from gecko.db import db, transaction
from gecko.models.audit import AuditEntry
from gecko.models.texts import TextOverride
from gecko.operations import ad_hoc, settings
from gecko.operations.texts import storing
from gecko.operations.texts.registry import CODES
from gecko.operations.texts.shipping import Name, TextKey, shipped
from gecko.permissions import Permission
from tests import factories

SMS = Name(TextKey.REMINDER_1, MessageChannel.SMS, "da")
PATH = "/texts/booking_reminder_1/sms/da"
MAIL = "/texts/booking_confirmation/email/da"


@pytest.fixture
def client(client_as_sqlite):
    return client_as_sqlite("office")


def page(response, status=200):
    assert response.status_code == status, response.get_data(as_text=True)[:400]
    return unescape(response.get_data(as_text=True))


def save(client, body, path=PATH, seen=None, **more):
    return client.post(path, data={"body": body, "seen": seen or storing.held(SMS).mark, **more})


def test_the_list_shows_each_tab_and_what_was_changed(client):
    text = page(client.get("/texts/"))
    assert "Booking – Aftalekort" in text
    assert "Booking – Påmindelse 1" not in text
    text = page(client.get("/texts/?category=reminders"))
    assert ">Ændret<" not in text
    save(client, "Hej [KUNDECPRNR] [HEST]")
    text = page(client.get("/texts/?category=reminders"))
    assert ">Ændret<" in text
    assert "sendes ikke pr. SMS" in text
    assert "forkerte koder" in text


def test_a_text_is_changed_marked_logged_and_put_back(client):
    assert "Nulstil" not in page(client.get(PATH))
    answer = save(client, "Hej [KUNDENAVN]\r\nVi ses")
    assert (answer.status_code, answer.location) == (303, PATH)
    text = page(client.get(PATH))
    assert "Teksten er gemt." in text
    assert "Hej [KUNDENAVN]\nVi ses</textarea>" in text.replace("\r", "")
    assert storing.held(SMS).source.body == "Hej [KUNDENAVN]\nVi ses"
    assert "Nulstil til standardteksten" in text
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.entity == "text_override")).one()
    assert (entry.action, entry.source) == ("insert", "web")
    assert "Booking – Påmindelse 1 · SMS · Dansk" in page(client.get("/log/"))
    assert client.post(f"{PATH}/reset", data={"seen": storing.held(SMS).mark}).status_code == 303
    assert storing.held(SMS).source == shipped()[SMS]


def test_a_form_sent_twice_is_one_change(client):
    seen = storing.held(SMS).mark
    for _n in range(2):
        assert save(client, "Hej", seen=seen).status_code == 303
    assert db.session.scalars(select(TextOverride)).one().row_version == 1


def test_a_change_over_another_shows_both_and_saves_nothing(client):
    seen = storing.held(SMS).mark
    save(client, "Deres", seen=seen)
    text = page(save(client, "Mit", seen=seen), 409)
    assert "Deres" in text
    assert "Mit</textarea>" in text
    assert storing.held(SMS).source.body == "Deres"
    assert save(client, "Mit").status_code == 303
    assert client.post(f"{PATH}/reset", data={"seen": seen}).status_code == 303
    assert storing.held(SMS).source.body == "Mit"


def test_an_e_mail_without_a_subject_is_refused_beside_its_field(client):
    seen = storing.held(Name(TextKey.CONFIRMATION, MessageChannel.EMAIL, "da")).mark
    text = page(save(client, "Hej", MAIL, seen, subject=" "), 422)
    assert 'id="subject-error"' in text
    assert 'name="subject"' not in page(client.get(PATH))


def test_wrong_codes_and_what_must_not_go_by_sms_are_marked(client):
    text = page(save(client, "Hej [KUNDNAVN] [KUNDECPRNR]", _preview="1"))
    assert "<code>[KUNDNAVN]</code> (linje 1)" in text
    assert "Mente du <code>[KUNDENAVN]</code>?" in text
    assert "<code>[KUNDECPRNR]</code>: et CPR-nummer." in text
    assert not storing.held(SMS).is_changed
    save(client, "Hej [KUNDECPRNR]")
    assert "sendes ikke pr. SMS, som den står" in page(client.get(PATH))


def preview(client, body, **more):
    data = {"channel": "sms", "language": "da", "body": body, **more}
    return page(client.post("/texts/preview", data=data))


def test_the_preview_speaks_of_an_example_until_somebody_is_chosen(client):
    assert "Mette" in preview(client, "Hej [KUNDEFORNAVN]")
    who = factories.customer(name="Bo <Hansen>").id
    first = factories.booking(who, days=3, service_id=factories.service(name="Klip").id).id
    second = factories.booking(who, days=9).id
    factories.booking(factories.customer().id, days=9, service_id=factories.service(name="Hemmelig").id)
    text = preview(client, "Hej [KUNDENAVN]: [SERVICENAME]", customer_id=who)
    assert "Hej Bo <Hansen>: Klip" in text
    assert f'value="{first}" selected' in text
    assert "Hemmelig" not in text
    assert f'value="{second}" selected' in preview(client, "x", customer_id=who, booking_id=second)
    assert f'value="{first}" selected' in preview(client, "x", customer_id=who, booking_id="987654")


def test_the_preview_of_an_e_mail_is_harmless_html(client):
    who = factories.customer(name="<script>x</script>").id
    answer = client.post(
        "/texts/preview",
        data={"channel": "email", "subject": "Til [KUNDENAVN]", "body": "<b>[KUNDENAVN]</b><script>y</script>",
              "customer_id": who},
    )  # fmt: skip
    text = answer.get_data(as_text=True)
    assert "<b>&lt;script&gt;x&lt;/script&gt;</b></div>" in text
    assert "<strong>Til &lt;script&gt;x&lt;/script&gt;</strong>" in text
    assert "<script" not in text


def test_the_parts_of_an_sms_are_counted(client):
    text = preview(client, "x" * 161)
    assert "2 dele" in text
    assert "kr." not in text
    with transaction():
        settings.put("message.sms_price_ore", 45)
    assert "0,90\N{NO-BREAK SPACE}kr." in preview(client, "x" * 161)
    assert "dyrere" not in text
    assert "<code>…</code>" in preview(client, "Vi ses…")


def test_a_limited_user_tries_texts_on_own_customers_alone(sqlite_app, client_as_sqlite):
    foreign = factories.customer(name="Fremmed", group_id=factories.group().id).id
    limited = client_as_sqlite("office", is_limited=True)
    assert "Fremmed" not in preview(limited, "[KUNDENAVN]", customer_id=foreign)


def test_without_the_right_to_see_customers_there_is_only_the_example(sqlite_app, client_as_sqlite):
    who = factories.customer(name="Skjult").id
    writer = client_as_sqlite(factories.role_with(Permission.TEXT_EDIT))
    assert 'name="customer_id"' not in page(writer.get(PATH))
    text = preview(writer, "[KUNDENAVN]", customer_id=who)
    assert "Mette" in text
    assert "Skjult" not in text


def test_bookings_and_purchases_need_their_rights(sqlite_app, client_as_sqlite):
    who = factories.customer(name="Bo").id
    factories.booking(who, service_id=factories.service(name="Klip").id)
    item_id = factories.item().id
    with transaction():
        ad_hoc.create(who, [ad_hoc.AdHocItem(item_id)])
    body = "[KUNDENAVN]|[SERVICENAME]|[CUSTOMERNEXTBOOKINGSERVICE]|[ORDERSTOTALCOUNT]"
    writer = client_as_sqlite(factories.role_with(Permission.TEXT_EDIT, Permission.CUSTOMER_VIEW))
    assert "Bo|||0" in preview(writer, body, customer_id=who)
    assert "Bo|Klip|Klip|1" in preview(client_as_sqlite("office"), body, customer_id=who)


def test_unknown_texts_do_not_exist(client):
    for path in ("/texts/hest/sms/da", "/texts/booking_reminder_1/letter/da", "/texts/booking_reminder_1/sms/sv"):
        assert client.get(path).status_code == 404
        assert client.post(f"{path}/reset").status_code == 404


@pytest.mark.parametrize("language", ["da", "en"])
def test_every_code_is_explained_with_an_example(client_as_sqlite, language):
    text = page(client_as_sqlite("office", language=language).get("/texts/codes"))
    for code in CODES:
        for name in code.names:
            assert f"[{name}{'XXX' if code.has_parameter else ''}]" in text
    assert "[customerFutureBookingsBegin_skipToday]" in text
    assert ("onsdag" if language == "da" else "Wednesday") in text


def test_the_preview_of_long_gone_bookings_offers_the_latest(client):
    who = factories.customer(name="Bo").id
    start = now() - timedelta(days=5)
    factories.booking(who, start_at=start, end_at=start + timedelta(hours=1))
    last = factories.booking(who, start_at=start + timedelta(days=2), end_at=start + timedelta(days=2, hours=1)).id
    assert f'value="{last}" selected' in preview(client, "x", customer_id=who)
