"""Whatever happens, the outcome and the other side's ledger agree: the one promise that everything else rests on."""

import random
from collections import Counter

from gecko.gateway_settings import GatewayApi
from gecko.gateways.email.transport import Patience
from gecko.gateways.outcomes import Aborted, Accepted, Fault, Later, Rejected, Unknown
from gecko.gateways.sms import gatewayapi
from jobs.chaos import sink as sinks
from jobs.chaos.sms_fake import TOKEN, Mode

from .mails import mail, sms, to

BEFORE = ["", "", "", "550 5.1.1 User unknown", "451 4.3.0 Later", "421 Closing", "250 OK", sinks.CLOSE, "what?"]
AT_DOT = ["250 OK"] * 6 + ["554 5.7.1 Spam", "452 4.2.2 Full", "421 Closing", "what?", sinks.CLOSE, sinks.HANG,
                           sinks.TAKE_AND_CLOSE, sinks.TAKE_AND_HANG]  # fmt: skip


class Down(Exception):
    """The database went away at the fence."""


def fence_of(chance):
    answer = chance.choice([True] * 8 + [False, None])

    def fence():
        if answer is None:
            raise Down
        return answer

    return fence


def attempt(gateway, message, fence):
    try:
        return gateway.send(message, fence)
    except Down:
        return Aborted()


def agree(outcomes, references):
    """Accepted: exactly one copy. Known not accepted: none. Unknown: one or none, and nobody can say which."""
    copies = Counter(references)
    for reference, outcome in outcomes.items():
        allowed = {Accepted: {1}, Unknown: {0, 1}}.get(type(outcome), {0})
        assert copies[reference] in allowed, (reference, outcome)
    assert set(copies) <= set(outcomes)


def test_e_mail(sink):
    chance = random.Random(4711)
    outcomes = {}
    with to(sink.port, Patience(connect=2.0, reply=1.0, last=0.1)) as smtp:
        for number in range(300):
            recipient = f"k{number}@example.dk"
            for stage, answers in (("rcpt", BEFORE), ("data", BEFORE[:-3]), ("dot", AT_DOT)):
                if answer := chance.choice(answers):
                    getattr(sink.answers, stage)[recipient] = answer
            outcomes[f"m-k{number}"] = attempt(smtp, mail(recipient), fence_of(chance))
    agree(outcomes, sink.ledger.references())
    assert {Accepted, Rejected, Later, Unknown, Aborted} <= set(map(type, outcomes.values()))


def test_sms(fake):
    chance = random.Random(4711)
    outcomes = {}
    account = GatewayApi("127.0.0.1", fake.port, TOKEN, encrypted=False)
    gateway = gatewayapi.GatewayApiProvider(account, gatewayapi.Patience(connect=2.0, answer=0.1))
    for number in range(300):
        fake.mode = chance.choice([Mode.OK] * 12 + list(Mode))
        reference = f"r-{number}"
        outcomes[reference] = attempt(gateway, sms(reference=reference), fence_of(chance))
    gateway.close()
    agree(outcomes, fake.ledger.references())
    assert {Accepted, Rejected, Later, Unknown, Aborted, Fault} <= set(map(type, outcomes.values()))
