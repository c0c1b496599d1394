"""The dry run of a campaign, its start, and how it is steered while it runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, request, url_for
from flask_admin import expose
from flask_babel import gettext

from gecko import unsubscribe_links
from gecko.clock import now
from gecko.db import transaction
from gecko.models.campaigns import Campaign, CampaignState
from gecko.models.messages import MessageChannel, MessageReason
from gecko.operations.campaigns import audience, steering
from gecko.operations.messaging import costs
from gecko.operations.texts import composing, loading
from gecko.operations.texts.reviewing import Source
from jobs import queue

from ..grid.records import read_id
from ..login import principal
from ..messages import words
from . import reach


@dataclass(frozen=True, slots=True)
class Trial:
    """What a dry run finds over one channel. cost: of the SMS to one customer, for an example, and to all of them."""

    counts: audience.Counts
    cost: costs.Cost | None

    @property
    def price_ore(self) -> int | None:
        """About what it costs in all, where prices are set."""
        each = self.cost.price_ore if self.cost else None
        return None if each is None else each * self.counts.going


class Steering:
    """Addresses that try a campaign, start it, and hold, continue or end it."""

    @expose("/<int:id>/recipients")
    def recipients_view(self, id: int) -> Any:  # noqa: A002
        """The dry run: how many get it, and everybody who does not, with the reason."""
        row: Campaign = self.one_or_404(id)  # type: ignore[attr-defined]
        written = list(dict.fromkeys(one.channel for one in row.texts)) or [MessageChannel.EMAIL]
        channel = next((one for one in written if one == request.args.get("channel")), written[0])
        reason = next((one for one in MessageReason if one == request.args.get("reason")), None)
        ids, above = reach.ids(row), read_id(request.args.get("after")) or 0
        found = audience.skipped(
            ids, channel, is_marketing=row.is_marketing, reason=reason, above=above, limit=audience.PAGE + 1
        )
        return self.render(  # type: ignore[attr-defined]
            "campaigns/recipients.html",
            row=row,
            trials=[_trial(row, one) for one in written],
            channel=channel,
            reason=reason,
            skipped=found[: audience.PAGE],
            has_more=len(found) > audience.PAGE,
            is_first=not above,
            is_draft=row.state == CampaignState.DRAFT,
            is_later=row.send_at is not None and row.send_at > now(),
            has_no_link=row.is_marketing and channel == MessageChannel.EMAIL and not unsubscribe_links.are_possible(),
            words=words,
        )

    @expose("/<int:id>/start", methods=("POST",))
    def start_view(self, id: int) -> Any:  # noqa: A002
        """Approve it and let it run."""
        self.one_or_404(id)  # type: ignore[attr-defined]
        with transaction():
            run_id = steering.start(
                id, row_version=read_id(request.form.get("row_version")) or 0, principal=principal()
            )
        queue.wake(run_id)
        flash(gettext("The newsletter is started. You can pause or stop it here."), "success")
        return self._shown(id)

    @expose("/<int:id>/pause", methods=("POST",))
    def pause_view(self, id: int) -> Any:  # noqa: A002
        """Hold what has not left."""
        self.one_or_404(id)  # type: ignore[attr-defined]
        with transaction():
            steering.pause(id)
        flash(gettext("The newsletter pauses. What was just being handed over still leaves."), "success")
        return self._shown(id)

    @expose("/<int:id>/go-on", methods=("POST",))
    def go_on_view(self, id: int) -> Any:  # noqa: A002
        """Let it run again."""
        self.one_or_404(id)  # type: ignore[attr-defined]
        with transaction():
            run_id = steering.go_on(id)
        if run_id is not None:
            queue.wake(run_id)
        queue.wake_senders()
        flash(gettext("The newsletter goes on."), "success")
        return self._shown(id)

    @expose("/<int:id>/stop", methods=("POST",))
    def stop_view(self, id: int) -> Any:  # noqa: A002
        """End it for good."""
        self.one_or_404(id)  # type: ignore[attr-defined]
        with transaction():
            run_id = steering.stop(id, principal=principal())
        if run_id is not None:
            queue.wake(run_id)
        flash(gettext("The newsletter is stopped. What waited is called off."), "success")
        return self._shown(id)

    def _shown(self, campaign_id: int) -> Any:
        return redirect(url_for("campaigns.show_view", id=campaign_id), 303)


def _trial(row: Campaign, channel: MessageChannel) -> Trial:
    ids = reach.ids(row)
    counts = audience.count(ids, channel, is_marketing=row.is_marketing)
    example = audience.first_going(ids, channel, is_marketing=row.is_marketing)
    text = next((one for one in row.texts if one.channel == channel), None)
    if channel != MessageChannel.SMS or example is None or text is None:
        return Trial(counts, None)
    source = Source("", text.body)
    facts = loading.for_customers([example], loading.needed(source), at=now())[example]
    return Trial(counts, costs.of(composing.compose(source, facts, channel, text.language).body))
