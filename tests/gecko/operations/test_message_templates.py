"""Templates of messages: checked, found by channel, hidden and brought back."""

import pytest

from gecko.channels import MessageChannel
from gecko.db import transaction
from gecko.errors import Invalid, NotFound
from gecko.operations import message_templates


def template(**values):
    wanted = {"name": "Fødselsdag", "channel": "sms", "language": "da", "body": "Tillykke [KUNDEFORNAVN]", **values}
    with transaction():
        return message_templates.create(wanted).id


def test_templates_are_listed_by_channel_in_danish_order(app):
    for name in ("Ærinde", "Brev", "Aften"):
        template(name=name)
    template(channel="email", subject="Emne\nto", name="Anden")
    assert [str(one) for one in message_templates.listed(MessageChannel.SMS)] == ["Aften", "Brev", "Ærinde"]
    (mail,) = message_templates.listed(MessageChannel.EMAIL)
    assert message_templates.source(mail).subject == "Emne to"


def test_a_name_is_used_once_for_a_channel_and_language(app):
    first = template()
    template(language="en")
    template(channel="letter")
    with pytest.raises(Invalid):
        template()
    with transaction():
        message_templates.delete(first)
    second = template()
    with pytest.raises(Invalid), transaction():
        message_templates.restore(first)
    with transaction():
        message_templates.delete(second)
    with transaction():
        message_templates.restore(first)
    assert message_templates.get(first).name == "Fødselsdag"
    with pytest.raises(NotFound):
        message_templates.get(second)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": " "}, "name"),
        ({"channel": "due"}, "channel"),
        ({"language": "sv"}, "language"),
        ({"body": ""}, "body"),
        ({"channel": "email"}, "subject"),
    ],
)
def test_what_cannot_be_sent_is_not_stored(sqlite_app, values, field):
    with pytest.raises(Invalid) as refused:
        template(**values)
    assert refused.value.field == field


def test_changing_the_channel_takes_the_subject_away(app):
    template_id = template(channel="email", subject="Emne")
    with transaction():
        message_templates.update(template_id, {"channel": "letter"})
    assert message_templates.get(template_id).subject is None
    with pytest.raises(Invalid), transaction():
        message_templates.update(template_id, {"channel": "email"})
