"""What mail servers write where their codes say too little: phrases met in replies and bounces, in lower case."""

from __future__ import annotations

import re


def _any(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(phrases))


POLICY = _any(
    r"\bspam", "unsolicited", "bulk mail", "suspicious", "virus", "malware", "phish", r"\bbanned",
    r"\bblock(?:ed|ing|[ -]?list)", "black-?list", "deny-?list", "dnsbl", r"\brbl\b", r"\bsbl\b", "reputation",
    "policy", "policies", "prohibit", "access denied", r"\bspf\b", r"\bdkim\b", "dmarc",
    r"reverse dns", r"\bptr\b", "content (?:reject|filter|denied)", "rejected by content",
    r"not (?:permitted|allowed|authori[sz]ed) to (?:send|relay)",
    r"relay(?:ing)?(?: access)? (?:denied|not)", "(?:unable|not allowed) to relay", "rcpthosts",
    "too many (?:complaints|messages)", "rate limit",
)  # fmt: skip
"""They do not want this from us."""

FULL = _any(
    r"(?:mailbox|inbox|mail box|account|postkassen?|user).{0,20}\b(?:full|fuld|fyldt)\b", "disk full",
    "over ?quota", "over the .{0,12}quota", "quota.{0,24}(?:exceed|reached|full)",
    r"exceed\w* (?:the |its |his |her )?(?:\w+ )?(?:storage|quota|mailbox)", "storage (?:limit|allocation|space)",
    "out of (?:storage|space)", "mailbox size limit", "insufficient .{0,12}(?:space|storage)",
)  # fmt: skip
"""The mailbox takes no more, for now."""

_WHO = "(?:user|recipient|mailbox|address|account|addressee|local part|person|alias|member)"

GONE = _any(
    rf"{_WHO}\b.{{0,24}}\b(?:unknown|not found|does ?n[o']t exist|do not exist|not exist|not known|not valid|invalid)",
    rf"{_WHO}\b.{{0,24}}\b(?:non-?existent|not listed|not our customer|closed|deleted|removed|terminated|no longer)",
    "(?:unknown|invalid|no such|non-?existent|not a valid|not a known|bad|no valid|undeliverable|unroute?able|illegal)"
    rf" (?:\w+ )?(?:{_WHO}|domain|host)",
    r"does ?n[o']t have an? .{0,16}account", "no mailbox", r"no such .{0,30}\bhere", "cannot find your addressee",
    "no longer (?:valid|available|exists)", "not local", "user has moved",
    "null ?mx", "does not accept (?:any )?(?:e-?mail|mail)",
    r"(?:domain|host)\b.{0,24}(?:not found|unknown|does ?n[o']t exist)",
    r"(?:bruger|modtager|postkasse|adresse)\w*\b.{0,24}(?:ukendt|findes ikke|eksisterer ikke)",
    "ukendt (?:bruger|modtager)",
)  # fmt: skip
"""There is no such mailbox, or no such domain."""

SHUT = _any(
    "(?:account|user|mailbox).{0,24}(?:disabled|inactive|suspended|locked|deactivated|not accepting)",
    "inactive (?:user|account|mailbox)",
)
"""The mailbox is there, and shut."""

UNAVAILABLE = _any("mailbox (?:is )?(?:currently )?(?:unavailable|not available)")
"""What the standard says of any refused mailbox (RFC 5321, 4.2.3): something is wrong, and no more."""

_NAMES = _any(
    r"<[^<>]*>", r"(?<![^\s:;,()])[^\s:;,()@]+@[^\s:;,()]+", r"https?://\S+", r"(?<![\w-])[\w-]+(?:\.[\w-]+){2,}",
    r"(?<![\w-])[\w-]+\.(?:dk|com|net|org|de|se|no|eu|io)\b",
)  # fmt: skip


LONGEST = 4000
"""More of a text is not looked through: what counts stands first, and nobody shall keep us busy with megabytes."""


def without_names(text: str) -> str:
    """The text in lower case without addresses, hosts and links: `spam@firma.dk` is a name, not a reason."""
    return _NAMES.sub(" ", text[:LONGEST].lower())
