"""What the letters say: a heading and a text for each stage and language, changed by those who may.

A text is plain, paragraphs parted by an empty line. Codes in square brackets are filled in from the reminder.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from ... import money
from ...errors import Invalid
from ...language import LANGUAGES, _
from .. import settings

STAGES = (1, 2, 3)
"""Later reminders say what the third says."""
LONGEST = 5_000
_CODE = re.compile(r"\[[A-ZÆØÅ_ ]+\]")
CODES = ("[NAVN]", "[NUMMER]", "[NR]", "[DATO]", "[FRIST]", "[BELØB]")
SHIPPED: dict[str, dict[int, str]] = {
    "da": {
        1: "Vi har endnu ikke modtaget betaling for nedenstående. Det kan være en forglemmelse, og vi beder dig betale"
        " [BELØB] senest den [FRIST].\n\nHar du betalt inden for de seneste dage, kan du se bort fra dette brev. Er du"
        " uenig i kravet, så kontakt os inden fristen.",
        2: "Trods vores tidligere rykker mangler vi stadig betaling for nedenstående. Vi beder dig betale [BELØB]"
        " senest den [FRIST].\n\nKontakt os inden fristen, hvis du ikke kan betale eller er uenig i kravet.",
        3: "Vi har flere gange bedt om betaling for nedenstående uden at modtage den. Beløbet på [BELØB] skal være"
        " betalt senest den [FRIST].\n\nBetaler du ikke inden fristen, må du regne med, at kravet går videre til"
        " inddrivelse, og at det medfører yderligere omkostninger for dig.",
    },
    "en": {
        1: "We have not yet received your payment for the items below. This may be an oversight, and we ask you to pay"
        " [BELØB] by [FRIST].\n\nIf you have paid within the last few days, please disregard this letter. If you"
        " disagree with the claim, please contact us before that date.",
        2: "Despite our earlier reminder, payment for the items below is still outstanding. Please pay [BELØB] by"
        " [FRIST].\n\nPlease contact us before that date if you cannot pay or disagree with the claim.",
        3: "We have repeatedly asked for payment of the items below without receiving it. The amount of [BELØB] must"
        " be paid by [FRIST].\n\nIf you do not pay in time, you must expect the claim to be passed on for collection,"
        " which will cause you further costs.",
    },
}
_HEADINGS = {"da": "Rykker nr. {stage}", "en": "Payment reminder no. {stage}"}


@dataclass(frozen=True, slots=True)
class Facts:
    """What the codes stand for. day, due_on: local dates; total_ore: øre."""

    name: str
    number: int
    stage: int
    day: date
    due_on: date
    total_ore: int


def key(stage: int, language: str) -> str:
    """The setting that holds a text."""
    return f"dunning.text_{min(stage, STAGES[-1])}_{language}"


def text(stage: int, language: str) -> str:
    """What reminders of a stage say, before the codes are filled in."""
    return str(settings.get(key(stage, language)) or SHIPPED[language][min(stage, STAGES[-1])])


def choices(texts: Mapping[tuple[int, str], str]) -> dict[str, Any]:
    """Texts as settings; raises Invalid, with the setting as field, where one is empty or has a code that is none."""
    chosen: dict[str, Any] = {}
    for stage in STAGES:
        for language in LANGUAGES:
            name, words = key(stage, language), texts[stage, language].replace("\r\n", "\n").strip()
            if not words or len(words) > LONGEST:
                raise Invalid(_("A text is needed, of at most %(most)d characters."), field=name, most=LONGEST)
            for code in _CODE.findall(words):
                if code not in CODES:
                    raise Invalid(_("There is no code %(code)s."), field=name, code=code)
            chosen[name] = words
    return chosen


def heading(stage: int, language: str) -> str:
    """Over the letter, and the subject of its e-mail."""
    return _HEADINGS[language].format(stage=stage)


def filled(words: str, facts: Facts, language: str) -> str:
    """A text with its codes filled in, once: what a name holds is not read again."""
    values = dict(
        zip(
            CODES,
            (
                facts.name,
                str(facts.number),
                str(facts.stage),
                facts.day.strftime("%d-%m-%Y"),
                facts.due_on.strftime("%d-%m-%Y"),
                money.format_ore(facts.total_ore, language),
            ),
            strict=True,
        )
    )
    return _CODE.sub(lambda code: values.get(code[0], code[0]), words)
