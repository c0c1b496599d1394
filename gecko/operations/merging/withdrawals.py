"""When a merge is undone, nobody gets a yes to marketing back that was taken back meanwhile.

Whoever said no while two records were one said it as both: who of them it was cannot be told.
"""

from __future__ import annotations

from sqlalchemy import select

from ...channels import Channel
from ...db import db
from ...models.consents import Consent
from ...models.customers import Customer
from ...models.merges import Merge
from .. import consents

MARK = "consent"
"""Where a merge remembers how many answers there were (see Merge.marks); one before they were kept has none."""


def keep(merge: Merge) -> None:
    """Let every no that was said to the survivor since the merge hold for all of them. The merge is running."""
    ids = [merge.survivor_id, *(one.customer_id for one in merge.absorbed)]
    people = {one.id: one for one in db.session.scalars(select(Customer).where(Customer.id.in_(ids)))}
    for (customer_id, channel), is_given in _last_words(merge, ids).items():
        if not is_given and consents.agrees(people[customer_id], channel):
            consents.write(people[customer_id], channel, is_given=False)


def _last_words(merge: Merge, ids: list[int]) -> dict[tuple[int, Channel], bool]:
    """What was said last to each; to those who come back also by what the survivor was told since."""
    mark = merge.marks.get(MARK, 0)
    said = select(Consent).where(Consent.customer_id.in_(ids), consents.is_spoken()).order_by(Consent.id)
    words: dict[tuple[int, Channel], bool] = {}
    for row in db.session.scalars(said):
        is_shared = row.customer_id == merge.survivor_id and row.id > mark
        for customer_id in ids if is_shared else [row.customer_id]:
            words[customer_id, row.channel] = row.is_given
    return words
