"""Where bounces go: `b+<message>.<mac>@domain` names the message, and nobody else can make one (VERP with an HMAC)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass, field

_LOCAL = re.compile(r"b\+([1-9][0-9]{0,18})\.([a-z2-7]{16})")
_PURPOSE = b"return path of message "


@dataclass(frozen=True, slots=True)
class ReturnPaths:
    """Makes and reads them. keys: the first signs, all verify; domain: the one whose mail comes back to us."""

    keys: tuple[str, ...] = field(repr=False)
    domain: str

    def make(self, message_id: int) -> str:
        """The return path of a message."""
        return f"b+{message_id}.{_mac(self.keys[0], message_id)}@{self.domain}"

    def read(self, address: str) -> int | None:
        """The message a return path names; None unless we made it. Servers on the way may have changed its case."""
        local, _at, domain = address.strip().strip("<>").lower().rpartition("@")
        found = _LOCAL.fullmatch(local)
        if found is None or domain != self.domain:
            return None
        message_id, mac = int(found[1]), found[2]
        known = [hmac.compare_digest(mac, _mac(key, message_id)) for key in self.keys]
        return message_id if any(known) else None


def _mac(key: str, message_id: int) -> str:
    """80 bits in 16 letters: short enough for a local part, far too many to try over mail."""
    digest = hmac.new(key.encode(), _PURPOSE + str(message_id).encode(), hashlib.sha256).digest()
    return base64.b32encode(digest[:10]).decode().lower()
