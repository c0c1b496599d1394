"""Letters to many: chosen in the list, one template, one PDF by name; who is left out is named with the reason."""

from html import unescape

import pytest
from sqlalchemy import func, select

from gecko.clock import now
from gecko.db import db, transaction
from gecko.models.audit import AuditEntry
from gecko.models.jobs import JobRun, JobState
from gecko.models.messages import Message, MessageChannel, MessageReason, MessageState
from gecko.operations import customers, message_templates
from gecko.operations.letters import batches
from gecko.operations.letters.sheets import Page
from gecko.operations.texts import loading
from gecko.operations.texts.reviewing import Source
from jobs import runner
from tests import factories, pages
from tests.reports.letters import reader

PLACE = {"address": "Vej 1", "postal_code": "2200", "city": "København N"}
NAMES = ("Åse Ås", "Bo Bøg", "Cilla Å")


@pytest.fixture
def client(app, client_as):
    return client_as("office")


@pytest.fixture
def ids(app):
    found = [factories.customer(name=name, **PLACE).id for name in NAMES]
    with transaction():
        row = customers.find(found[2])
        customers.update(found[2], {"language": "en"}, row_version=row.row_version)
    return [*found, factories.customer(name="Uden Adresse", city="Aarhus").id]


@pytest.fixture
def template_id(app):
    with transaction():
        for language, body in (("en", "Dear [CUSTOMERFIRSTNAME]"), ("da", "Kære [KUNDEFORNAVN]")):
            values = {"name": "Indkaldelse", "channel": "letter", "language": language, "body": body}
            made = message_templates.create(values).id
    return made


def text(answer):
    return unescape(answer.get_data(as_text=True))


def chosen(client, **values):
    """The form behind the list's bulk action, with a template chosen."""
    handed = client.post("/customers/bulk", data={"action": "letters", **values})
    assert (handed.status_code, handed.location) == (307, "/letter_merges/choose")
    page = client.post(handed.location, data={"action": "letters", **values})
    assert page.status_code == 200
    return page


def start(client, template_id, **values):
    page = chosen(client, template=template_id, **values)
    form = pages.form_values(text(page), having="once")
    return form, client.post("/letter_merges/start", data=form | {"template": template_id})


def run(answer):
    run_id = int(answer.location.rpartition("/")[2])
    assert runner.execute(run_id) == JobState.DONE
    db.session.rollback()
    return db.session.get_one(JobRun, run_id)


def fetched(client, done):
    with client.get(f"/jobs/{done.id}/file") as file:
        return reader.pages(file.data)


def letters():
    return db.session.scalars(select(Message).order_by(Message.id)).all()


def test_ticked_customers_get_one_pdf_by_name_each_in_their_language(client, ids, template_id):
    page = text(chosen(client, ids=ids, template=template_id))
    assert "4 kunder er valgt." in page
    assert "1 af dem har ingen postadresse" in page
    assert "Lav 3 breve" in page
    form, answer = start(client, template_id, ids=ids)
    done = run(answer)
    assert (done.result["letters"], done.result["skipped"], done.result["pages"]) == (3, 1, 3)
    found = fetched(client, done)
    assert [page.split("\n")[-1] for page in found] == ["Kære Bo", "Dear Cilla", "Kære Åse"]
    logged = letters()
    assert {(one.channel, one.state) for one in logged[:3]} == {(MessageChannel.LETTER, MessageState.SENT)}
    assert (logged[3].state, logged[3].reason) == (MessageState.SUPPRESSED, MessageReason.NO_ADDRESS)
    shown = text(client.get(answer.location))
    assert f'href="/customers/{ids[3]}/"' in shown
    assert "Uden Adresse" in shown
    assert "har ingen sådan adresse" in shown
    again = client.post("/letter_merges/start", data=form | {"template": template_id})
    assert again.location == answer.location
    assert db.session.scalar(select(func.count()).select_from(JobRun)) == 1
    [entry] = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "letters.merge"))
    assert entry.changes["letters"] == 3


def test_everything_that_the_filter_shows_is_taken_and_no_more(client, ids, template_id):
    other = factories.customer(name="Dorte", **PLACE | {"city": "Aarhus"}).id
    _form, answer = start(client, template_id, all="1", query="f_city=Aarhus")
    done = run(answer)
    assert (done.result["letters"], done.result["skipped"]) == (1, 1)
    assert {one.customer_id for one in letters()} == {other, ids[3]}


def test_the_text_is_the_one_that_was_seen_even_if_the_template_changes(client, ids, template_id):
    _form, answer = start(client, template_id, ids=ids[:1])
    with transaction():
        message_templates.update(template_id, {"body": "Noget andet"})
    run(answer)
    assert [one.body for one in letters()] == ["Kære Åse"]


def test_a_merge_that_was_broken_off_goes_on_without_writing_anybody_twice(app, client, ids, template_id):
    _form, answer = start(client, template_id, ids=ids)
    run_id = int(answer.location.rpartition("/")[2])

    in_the_way = app.config["GECKO"].folder("exports") / f"breve-{run_id}.part"
    in_the_way.mkdir(parents=True)
    with pytest.raises(OSError, match="breve"):
        runner.execute(run_id)
    in_the_way.rmdir()
    before = [one.id for one in letters()]
    assert len(before) == 4
    assert client.post(f"/jobs/{run_id}/retry").status_code == 303
    done = run(answer)
    assert [one.id for one in letters()] == before
    assert len(fetched(client, done)) == 3


def test_without_anybody_or_a_template_nothing_starts(client, ids, template_id):
    assert "Ingen kunde er valgt" in text(client.post("/letter_merges/choose", data={}))
    form = {"ids": ids, "once": "x"}
    answer = client.post("/letter_merges/start", data=form)
    assert answer.status_code == 422
    assert "Vælg kunder og en skabelon." in text(answer)
    assert client.post("/letter_merges/start", data={"template": template_id, "once": "x"}).status_code == 422
    assert db.session.scalar(select(func.count()).select_from(JobRun)) == 0


def test_only_letters_without_words_leave_no_file(client, ids, app):
    with transaction():
        empty = message_templates.create({"name": "Tom", "channel": "letter", "body": "[KUNDETELEFON]"}).id
    _form, answer = start(client, empty, ids=ids)
    done = run(answer)
    assert done.result == {"letters": 0, "skipped": 0}
    assert letters() == []


def test_others_see_neither_the_page_nor_customers_beyond_their_groups(client, client_as, ids, template_id):
    _form, answer = start(client, template_id, ids=ids)
    assert client_as("office").get(answer.location).status_code == 404
    limited = client_as("office", is_limited=True, groups=[factories.group(name="Andre")])
    data = {"ids": ids, "template": template_id, "once": "y"}
    assert limited.post("/letter_merges/start", data=data).status_code == 422
    assert client_as("receptionist").get("/letter_merges/").status_code == 403


def test_letters_to_many_cost_the_same_few_queries(app, ids, queries):
    more = [factories.customer(name=f"Nr. {number}", **PLACE).id for number in range(20)]
    source, spent = Source("", "Kære [KUNDENAVN]"), []
    for some in (ids[:2], more):
        with queries(app) as statements, transaction():
            facts = loading.for_customers(some, loading.needed(source), at=now())
            batches.write(batches.Order(one, source, "da", Page(), f"x:{key}") for key, one in facts.items())
        spent.append(len(statements))
    assert spent[0] == spent[1] < 20
