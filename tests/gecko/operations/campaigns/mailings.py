"""Campaigns as the tests drive them: each step in a transaction of its own, as an edge would."""

from sqlalchemy import func, select

from gecko.db import db, transaction
from gecko.models.campaigns import Campaign
from gecko.models.customers import Customer
from gecko.models.messages import Message, MessageChannel
from gecko.operations import settings
from gecko.operations.campaigns import drafting, steering, writing
from gecko.operations.texts.reviewing import Source
from gecko.permissions import Permission, Principal
from tests import factories

EMAIL, SMS = MessageChannel.EMAIL, MessageChannel.SMS
BOSS = Principal(user_id=1, session_id=None, username="boss", name="Boss", permissions=frozenset(Permission))
EVERYBODY = select(Customer.id).where(Customer.deleted_at.is_(None))


def awake():
    """No quiet hours: the tests run at any time of day."""
    with transaction():
        settings.put("message.quiet_from", "00:00")
        settings.put("message.quiet_until", "00:00")
        settings.put("module.sms", True)


def willing(**values):
    """The id of a customer who agreed to newsletters both ways."""
    wanted = {"accepts_marketing_email": True, "accepts_marketing_sms": True, **values}
    return factories.customer(**wanted).id


def drafted(*, texts=((EMAIL, "da"),), query="", **values):
    """The id of a draft with a text in each of these."""
    with transaction():
        row = drafting.create({"name": "Forårsnyt", "is_marketing": True, **values}, query=query)
        campaign_id = row.id
    for channel, language in texts:
        say(campaign_id, channel, language)
    return campaign_id


def say(campaign_id, channel=EMAIL, language="da", body="Kære [KUNDEFORNAVN], nu er det forår."):
    with transaction():
        seen = drafting.mark(drafting.text(campaign_id, channel, language))
        source = Source("Forår" if channel == EMAIL else "", body)
        drafting.write(campaign_id, channel, language, source, seen=seen)


def start(campaign_id):
    boss = factories.user("super")
    db.session.rollback()
    with transaction():
        version = drafting.get(campaign_id).row_version
        who = Principal(user_id=boss.id, session_id=None, username="boss", name="Boss")
        return steering.start(campaign_id, row_version=version, principal=who)


def write(campaign_id, ids=None):
    """Write messages to everybody, or to these, in one go."""
    with transaction():
        mailing = writing.read(campaign_id)
        chosen = db.session.scalars(EVERYBODY.order_by(Customer.id)).all() if ids is None else ids
        return writing.write(mailing, chosen)


def finish(campaign_id):
    with transaction():
        writing.finish(campaign_id)


def steer(verb, campaign_id, *args, **values):
    with transaction():
        return getattr(steering, verb)(campaign_id, *args, **values)


def state(campaign_id):
    db.session.rollback()
    return str(db.session.get(Campaign, campaign_id, populate_existing=True).state)


def standing(campaign_id):
    """{(state, reason): how many} of a campaign's messages."""
    db.session.rollback()
    statement = select(Message.state, Message.reason, func.count()).where(Message.campaign_id == campaign_id)
    return {
        (str(one), str(why) if why else None): number
        for one, why, number in db.session.execute(statement.group_by(Message.state, Message.reason))
    }
