"""What an SMS takes and costs: the parts the network counts, and the installation's price of one."""

from __future__ import annotations

from dataclasses import dataclass

from ...gateways.sms import segments
from .. import settings


@dataclass(frozen=True, slots=True)
class Cost:
    """What a text takes to one recipient: parts and places (see `segments.Size`), and øre, None where none is set."""

    size: segments.Size
    price_ore: int | None


def each() -> int:
    """The price of one part in øre; 0 where none is set."""
    return int(settings.get("message.sms_price_ore"))


def of(text: str, each_ore: int | None = None) -> Cost:
    """What a text costs; each_ore: the price of a part, where it was read before."""
    size, price = segments.measure(text), each() if each_ore is None else each_ore
    return Cost(size, size.segments * price if price else None)
