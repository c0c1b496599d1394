"""The page of the wordings that customers agree to."""

from gecko.channels import Channel
from gecko.operations import consents


def test_another_wording_comes_into_force_and_the_old_one_stays_to_be_seen(client_as):
    client = client_as("office", language="en", name="Bo Kontor")
    old = consents.wording(Channel.EMAIL, "da")
    old_id, old_text = old.id, old.text
    assert old_text in client.get("/consent-wordings/").text
    assert client.post("/consent-wordings/", data={"seen_id": old_id, "text": "Ja tak til nyt"}).status_code == 303
    page = client.get("/consent-wordings/").text
    assert "Ja tak til nyt" in page
    assert "Earlier wordings" in page
    assert old_text in page
    assert "Bo Kontor" in page
    assert consents.wording(Channel.EMAIL, "da").text == "Ja tak til nyt"


def test_what_somebody_else_put_into_force_meanwhile_is_not_overwritten(client_as):
    client = client_as("office", language="en")
    seen = consents.wording(Channel.SMS, "da").id
    client.post("/consent-wordings/", data={"seen_id": seen, "text": "Den ene"})
    late = client.post("/consent-wordings/", data={"seen_id": seen, "text": "Den anden"})
    assert late.status_code == 422
    assert consents.wording(Channel.SMS, "da").text == "Den ene"
    present = consents.wording(Channel.SMS, "da").id
    assert client.post("/consent-wordings/", data={"seen_id": present, "text": " "}).status_code == 422
    assert client.post("/consent-wordings/", data={"seen_id": "x", "text": "y"}).status_code == 422
    assert consents.wording(Channel.SMS, "da").id == present
