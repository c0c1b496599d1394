"""The page that moves a number series forward."""

from gecko.operations import numbering
from tests import factories


def test_the_next_invoice_bears_the_number_that_was_set(app, client_as):
    boss = client_as("super")
    assert boss.post("/numbers/", data={"invoice": "5000", "credit_note": "1", "dunning": "1"}).status_code == 303
    debtor_id = factories.debtor().id
    assert factories.invoice(debtor_id).number == "5000"
    assert numbering.upcoming()["invoice"] == 5001


def test_a_series_never_goes_back_and_the_form_keeps_what_was_typed(sqlite_app, client_as_sqlite):
    boss = client_as_sqlite("super")
    boss.post("/numbers/", data={"invoice": "5000", "credit_note": "1", "dunning": "1"})
    answer = boss.post("/numbers/", data={"invoice": "17", "credit_note": "1", "dunning": "1"})
    assert 'value="17"' in answer.get_data(as_text=True)
    assert "mindst 5000" in answer.get_data(as_text=True)
    assert numbering.upcoming()["invoice"] == 5000
    assert boss.post("/numbers/", data={"invoice": "9" * 30, "credit_note": "1", "dunning": "1"}).status_code == 200
