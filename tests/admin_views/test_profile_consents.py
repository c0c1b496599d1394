"""The profile tells what a customer answered to newsletters."""

import re

from gecko.db import db
from gecko.models.customers import Customer
from tests import factories
from tests.gecko.operations.test_consents import merge, say_no


def card(client, customer_id):
    page = client.get(f"/customers/{customer_id}/information").get_data(as_text=True)
    found = re.search(r"Historik</?.*?</details>|History.*?</details>", page, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split()) if found else None


def test_the_history_stands_on_the_profile(client_as):
    client = client_as("office", name="Bo Kontor", language="en")
    customer_id = factories.customer().id
    assert card(client, customer_id) is None
    version = db.session.get(Customer, customer_id).row_version
    form = {"row_version": version, "name": "Åse", "group_id": factories.primary_group().id, "language": "en",
            "accepts_marketing_email": "y", "clips_left": "0"}  # fmt: skip
    assert client.post(f"/customers/{customer_id}/information/save", data=form).status_code in {302, 303}
    other_id = factories.customer(accepts_marketing_email=True).id
    say_no(other_id)
    merge(customer_id, other_id)
    told = card(client, customer_id)
    assert "Yes to e-mail" in told
    assert "Written down by staff · Bo Kontor" in told
    assert "Agreed to: “Yes please, send me news" in told
    assert "The customer, by the link in a message · under a record that was merged into this one" in told
    assert "Merge: yes only where all said yes" in told
