"""What outcomes mean for messages, their addresses and their channel; written in one transaction.

Of one that was aborted nothing is written: the fence has settled its row.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta

from gecko.clock import now
from gecko.gateways.outcomes import Accepted, Fault, Later, Outcome, Rejected, Unknown, Verdict
from gecko.models.messages import MessageChannel
from gecko.operations.campaigns import steering
from gecko.operations.messaging import channels, recording

PAUSE_AFTER_POLICY = timedelta(minutes=15)
FAULT_WAIT = timedelta(seconds=30)


def write(channel: MessageChannel, owner: str, outcomes: Mapping[int, Outcome], held: Collection[int]) -> bool:
    """Write down what became of messages by id, as far as they are still held; whether the channel may go on."""
    taken = {
        message_id: recording.Taken(one.reply, one.reference or None)
        for message_id, one in outcomes.items()
        if isinstance(one, Accepted)
    }
    recording.sent_all({message_id: one for message_id, one in taken.items() if message_id in held}, owner)
    goes_on = True
    for message_id in sorted(set(outcomes) - set(taken)):
        goes_on = _write(channel, message_id, owner, outcomes[message_id]) and goes_on
    return goes_on


def _write(channel: MessageChannel, message_id: int, owner: str, outcome: Outcome) -> bool:
    match outcome:
        case Rejected():
            return _rejected(channel, message_id, owner, outcome)
        case Later():
            return _later(channel, message_id, owner, outcome)
        case Unknown(text=text):
            recording.unclear(message_id, owner, detail=text)
        case Fault():
            recording.untouched(message_id, owner, detail=outcome.text, until=now() + (outcome.after or FAULT_WAIT))
            channels.fault(channel, outcome.text)
            return False
    return True


def _rejected(channel: MessageChannel, message_id: int, owner: str, outcome: Rejected) -> bool:
    recording.refused(message_id, owner, reply=outcome.text, blame=recording.blame_of(outcome.verdict))
    if outcome.verdict == Verdict.POLICY:  # they do not want this from us now: more of it makes it worse
        channels.rest(channel, now() + PAUSE_AFTER_POLICY, outcome.text)
        steering.pause_for(message_id, outcome.text)
        return False
    return True


def _later(channel: MessageChannel, message_id: int, owner: str, outcome: Later) -> bool:
    recording.later(message_id, owner, reply=outcome.text, after=outcome.after)
    if outcome.verdict == Verdict.SOFT:
        recording.blame_address(message_id, outcome.text, recording.Blame.BOX_FULL)
    if outcome.verdict == Verdict.CLOSING:
        channels.rest(channel, now() + FAULT_WAIT, outcome.text)
        return False
    return True
