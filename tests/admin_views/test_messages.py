"""The communication log on the profile, the list of all messages, and one message with what may be done with it."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import update

from gecko.clock import now
from gecko.db import db, transaction
from gecko.models.address_failures import Channel
from gecko.models.audit import AuditEntry
from gecko.models.bookings import Booking, DeletedBy
from gecko.models.messages import Message, MessageChannel, MessageKind, MessageReason, MessageState
from gecko.operations import address_failures
from gecko.operations.messaging import claiming, fencing, recording
from tests import factories
from tests.plans import plan

WHOLE = re.compile(r"SCAN message\b(?!.*USING)|Seq Scan on message ")
LETTER = '<p>Hej <b>Mette</b></p><script src="/x.js"></script><img src="https://tracker.example/p.gif">'


@pytest.fixture
def customer_id(app):
    return factories.customer(name="Mette", email="mette@example.dk", mobile="+4520123456").id


def log(client, customer_id, query=""):
    return client.get(f"/customers/{customer_id}/messages{query}").get_data(as_text=True)


def put(message_id, **values):
    with transaction() as session:
        session.execute(update(Message).where(Message.id == message_id).values(**values))


def row(message_id):
    return db.session.get(Message, message_id, populate_existing=True)


def unknown(message_id):
    """Bring a waiting message to the state of which nobody knows whether it was sent."""
    with transaction():
        claiming.claim(MessageChannel.EMAIL, "test", limit=1)
    with transaction():
        assert fencing.pass_fence(message_id, "test")
    with transaction():
        recording.unclear(message_id, "test", detail="no answer after the final dot")


def test_the_log_says_what_became_of_each_message(app, client_as, customer_id):
    client = client_as("reviewer")
    assert "Ingen beskeder endnu" in log(client, customer_id)
    factories.message(customer_id=customer_id, subject="Velkommen", not_before=now() + timedelta(days=1))
    factories.message(customer_id=customer_id, channel=MessageChannel.SMS, subject=None, attachments=(),
                      body="Kære Mette " + "vi ses på onsdag " * 20)  # fmt: skip
    refused = factories.message(customer_id=customer_id, subject="Afvist")
    put(refused, state=MessageState.FAILED, reason=MessageReason.REJECTED)
    page = log(client, customer_id)
    assert re.search(r'Kommunikationslog <span class="g-count">3</span>', page)
    assert "Velkommen" in page
    assert re.search(r"sendes \d\d-\d\d-\d{4} \d\d:\d\d", page)
    assert "Kære Mette vi ses på onsdag" in page
    assert "vi ses på onsdag " * 6 not in page, "only the first words"
    assert "20 12 34 56" in page
    assert "afvist af modtagersiden" in page
    assert page.index("Afvist") < page.index("Velkommen"), "newest first"


def test_a_long_log_is_paged_and_asks_a_fixed_number_of_queries(app, client_as, customer_id, statements):
    client = client_as("office")
    for number in range(2):
        factories.message(customer_id=customer_id, subject=f"Brev {number}")
    client.get(f"/customers/{customer_id}/messages")
    with statements(app) as few:
        log(client, customer_id)
    for number in range(2, 33):
        factories.message(customer_id=customer_id, subject=f"Brev {number}", attachments=())
    with statements(app) as many:
        page = log(client, customer_id)
    assert len(many) == len(few)
    assert page.count('id="message-') == 30
    older = re.search(r'rel="next" href="[^"]*(\?before=\d+)"', page)[1]
    assert log(client, customer_id, older).count('id="message-') == 3
    assert "Ikke noget ældre" in log(client, customer_id, "?before=1")


def test_a_failed_address_has_its_mark_in_log_list_and_page(app, client_as, customer_id):
    client = client_as("office")
    message_id = factories.message(customer_id=customer_id)
    with transaction():
        address_failures.mark(Channel.EMAIL, "mette@example.dk", reason="5.1.1 no such user")
    for path in (f"/customers/{customer_id}/messages", "/messages/", f"/messages/{message_id}"):
        page = client.get(path).get_data(as_text=True)
        assert "5.1.1 no such user" in page.split('class="g-tab"')[-1], path
        assert "adressen har fejlet før" in page, path


def test_the_text_is_shown_as_sent_and_runs_nothing(app, client_as, customer_id):
    client = client_as("accountant")
    plain = factories.message(customer_id=customer_id, body="Hej <script>alert(1)</script>\nVi ses")
    page = client.get(f"/messages/{plain}/lines").get_data(as_text=True)
    assert "Hej &lt;script&gt;alert(1)&lt;/script&gt;\nVi ses" in page
    rich = factories.message(customer_id=customer_id, html=LETTER)
    page = client.get(f"/messages/{rich}").get_data(as_text=True)
    frame = re.search(r"<iframe[^>]*>", page)[0]
    assert re.search(r"\ssandbox(=\"\")?\s", frame), "a frame without any rights"
    assert "&lt;script src=&#34;/x.js&#34;&gt;" in frame
    assert "<script src=&#34;/x.js" not in page.replace(frame, "")
    assert "tracker.example" not in page.replace(frame, "")


def test_an_attachment_is_handed_out_as_a_file_and_never_shown(app, client_as, customer_id):
    client = client_as("receptionist")
    message_id = factories.message(customer_id=customer_id)
    page = client.get(f"/messages/{message_id}").get_data(as_text=True)
    assert f"/messages/{message_id}/files/1" in page
    with client.get(f"/messages/{message_id}/files/1") as answer:
        assert answer.data == b"%PDF-1.7 plan"
        assert answer.headers["Content-Disposition"] == "attachment; filename=plan.pdf"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert client.get(f"/messages/{message_id}/files/2").status_code == 404


def test_every_step_stands_with_its_time_and_who_took_it(app, client_as, customer_id):
    message_id = factories.message(customer_id=customer_id)
    unknown(message_id)
    client = client_as("office")
    assert client.post(f"/messages/{message_id}/taken").status_code == 303
    page = client.get(f"/messages/{message_id}/lines").get_data(as_text=True)
    steps = re.findall(r"</time></td><td>([^<]*)", page)
    assert [step.split(" · ")[0] for step in steps] == [
        "Venter", "Taget til afsendelse", "Afleveret", "Kræver en afgørelse", "Sendt",
    ]  # fmt: skip
    assert " · " in steps[-1], "who decided"
    assert "no answer after the final dot" in page


def test_what_waits_can_be_withdrawn_once(app, client_as, customer_id):
    client = client_as("receptionist")
    message_id = factories.message(customer_id=customer_id)
    back = f"/customers/{customer_id}/messages"
    assert f"/messages/{message_id}/withdraw" in client.get(f"/messages/{message_id}/lines").get_data(as_text=True)
    answer = client.post(f"/messages/{message_id}/withdraw", data={"url": back})
    assert answer.status_code == 303
    assert answer.location == back
    assert (row(message_id).state, row(message_id).reason) == (MessageState.CANCELLED, MessageReason.WITHDRAWN)
    client.post(f"/messages/{message_id}/withdraw", data={"url": back})
    assert "Beskeden har nu en anden status." in client.get(back).get_data(as_text=True)
    assert "/withdraw" not in client.get(f"/messages/{message_id}/lines").get_data(as_text=True)


@pytest.mark.parametrize(("act", "state"), [("again", MessageState.QUEUED), ("taken", MessageState.SENT)])
def test_one_decision_counts_and_is_in_the_log_of_changes(app, client_as, customer_id, act, state):
    message_id = factories.message(customer_id=customer_id)
    unknown(message_id)
    receptionist, office = client_as("receptionist"), client_as("office")
    assert f"/messages/{message_id}/{act}" not in receptionist.get(f"/messages/{message_id}").get_data(as_text=True)
    assert receptionist.post(f"/messages/{message_id}/{act}").status_code == 403
    assert row(message_id).state == MessageState.UNKNOWN
    for _turn in range(2):
        assert office.post(f"/messages/{message_id}/{act}").status_code == 303
    assert row(message_id).state == state
    noted = db.session.query(AuditEntry).filter(AuditEntry.entity == "message", AuditEntry.action != "insert").all()
    assert [entry.action for entry in noted] == [
        {"again": "message.sent_again", "taken": "message.counted_as_sent"}[act]
    ]
    assert noted[0].customer_id == customer_id


def test_a_row_on_its_way_asks_again_until_it_is_there(app, client_as, customer_id):
    client = client_as("receptionist")
    message_id = factories.message(customer_id=customer_id)
    cell = client.get(f"/messages/{message_id}/state").get_data(as_text=True)
    assert cell.startswith("<td")
    assert 'hx-trigger="every 2s"' in cell
    put(message_id, state=MessageState.SENT)
    assert "hx-trigger" not in client.get(f"/messages/{message_id}/state").get_data(as_text=True)
    later = factories.message(customer_id=customer_id, not_before=now() + timedelta(hours=3))
    assert "hx-trigger" not in client.get(f"/messages/{later}/state").get_data(as_text=True)
    stuck = factories.message(customer_id=customer_id)
    put(stuck, created_at=now() - timedelta(minutes=10))
    assert "hx-trigger" not in client.get(f"/messages/{stuck}/state").get_data(as_text=True)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("f_state=failed", {"Afvist"}),
        ("f_state=queued", {"Venter", "Til hånden"}),
        ("f_channel=sms", {"Påmindelse"}),
        ("f_kind=reminder", {"Påmindelse"}),
        ("f_reason=rejected", {"Afvist"}),
        ("f_recipient=Mette@Example.dk", {"Venter", "Afvist"}),
        ("f_recipient=20+12+34+56", {"Påmindelse"}),
        ("f_created_at_to=01-01-2020", {"Påmindelse"}),
    ],
)
def test_the_list_is_filtered(app, client_as, customer_id, query, found):
    factories.message(customer_id=customer_id, subject="Venter")
    put(factories.message(customer_id=customer_id, subject="Afvist"), state=MessageState.FAILED,
        reason=MessageReason.REJECTED)  # fmt: skip
    put(factories.message(customer_id=customer_id, channel=MessageChannel.SMS, kind=MessageKind.REMINDER,
                          subject="Påmindelse", attachments=()), created_at=now() - timedelta(days=3650),
        state=MessageState.SENT)  # fmt: skip
    factories.message(recipient="anden@example.dk", subject="Til hånden")
    page = client_as("accountant").get(f"/messages/?{query}").get_data(as_text=True)
    rows = set(re.findall(r'aria-label="Vis beskeden ([^"]*)"', page))
    assert rows == found


def test_filters_are_answered_by_indexes(app, client_as, statements):
    client = client_as("office")
    for number in range(40):
        factories.message(recipient=f"{number}@example.dk", attachments=())
    for query in ("", "?f_state=unknown", "?f_state=failed", "?f_reason=rejected", "?f_recipient=7@example.dk",
                  "?f_created_at_from=01-01-2026", "?f_customer_id=1"):  # fmt: skip
        with statements(app) as seen:
            assert client.get(f"/messages/{query}").status_code == 200
        assert len(seen) <= 12, query
        for sql, parameters in seen:
            if re.search(r"\bFROM message\b", sql):
                lines = plan(sql, parameters, without=["seqscan"]).splitlines()
                assert not [line for line in lines if WHOLE.search(line)], (query, sql, lines)


def test_the_bookings_it_spoke_of_stand_beside_it_with_what_became_of_them(app, client_as, customer_id):
    service_id = factories.service(name="Massage").id
    kept, moved, gone = (factories.booking(customer_id, days=days, service_id=service_id) for days in (2, 3, 4))
    told = tuple((one.id, one.start_at) for one in (kept, moved, gone))
    moved_id, gone_id = moved.id, gone.id
    message_id = factories.message(customer_id=customer_id, bookings=told)
    put(message_id, state=MessageState.SENT)
    with transaction() as session:
        later = session.get(Booking, moved_id)
        later.start_at, later.end_at = later.start_at + timedelta(days=7), later.end_at + timedelta(days=7)
        cancelled = session.get(Booking, gone_id)
        cancelled.deleted_at, cancelled.deleted_by_kind = now(), DeletedBy.CUSTOMER
    page = client_as("office").get(f"/messages/{message_id}/lines").get_data(as_text=True)
    lines = re.findall(r"<li><svg[^>]*>.*?</li>", page, re.DOTALL)
    assert ["Massage" in line for line in lines] == [True] * 3
    assert ["flyttet eller aflyst siden" in line for line in lines] == [False, True, True]
