"""The job behind a mail merge: logs a letter to each customer, then makes one PDF of them, by name.

It goes on after the last customer of a broken-off attempt; a letter that stands in the log is never made twice.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from flask import current_app

from gecko import audit, chunks
from gecko.clock import now
from gecko.db import db, transaction
from gecko.language import DEFAULT, _
from gecko.models.texts import MessageTemplate
from gecko.operations import message_templates
from gecko.operations.letters import batches, reading, sheets
from gecko.operations.letters.batches import Order
from gecko.operations.texts import loading
from gecko.operations.texts.reviewing import Source
from gecko.permissions import Permission, Principal
from jobs.registry import job
from jobs.work import Work
from reports.letters import document

from ..grid.bulk import Chosen
from ..lookups import target_view
from ..on_behalf import asker

KIND = "letters.merge"
TOGETHER = 20
"""Customers whose letters are composed and logged at once."""


def batch_of(run_id: int) -> str:
    """What a run's letters are called together."""
    return f"letters:{run_id}"


def parameters(chosen: Chosen, template: MessageTemplate) -> dict[str, Any]:
    """What the job is told: who was chosen, and the text in every language as it stands now."""
    texts = {
        language: {"language": one.language, "body": one.body}
        | {name: getattr(one, name) for name in sheets.PAGE_FIELDS}
        for language, one in message_templates.in_languages(template).items()
    }
    return {"ids": chosen.ids, "query": chosen.query, "template": template.name, "texts": texts}


@job(KIND, label=_("Mail merge"), permission=Permission.MESSAGE_BULK)
def merge(work: Work) -> dict[str, Any]:
    """Make the letters that the parameters describe, with the rights of who asked."""
    with asker(work, Permission.MESSAGE_BULK, Permission.CUSTOMER_VIEW) as who:
        _log(work, who)
        return _print(work)


def _log(work: Work, who: Principal) -> None:
    wanted, view = work.parameters, target_view("customers")
    chosen = Chosen("letters", wanted["ids"], wanted["query"])
    total, before, last = view.count_chosen(chosen), work.done, [(work.checkpoint or {}).get("above", 0)]

    def write(customer_ids: list[int]) -> None:
        batches.write(_orders(customer_ids, wanted["texts"], batch_of(work.id), who))
        last[0] = customer_ids[-1]

    def after(count: int) -> None:
        done = min(before + count * TOGETHER, total)
        work.progress(done, total, _("Writing letters"), checkpoint={"above": last[0]})

    chunks.write_in_chunks(_together(view.matching(chosen, above=last[0])), write, after=after)


def _together(ids: Iterable[int]) -> Iterator[list[int]]:
    waiting = iter(ids)
    while some := list(islice(waiting, TOGETHER)):
        yield some


def _orders(customer_ids: list[int], texts: dict[str, Any], batch: str, who: Principal) -> Iterator[Order]:
    """A letter to each customer, in the customer's language where the template has it."""
    sources = {language: Source("", one["body"]) for language, one in texts.items()}
    parts = loading.permitted(loading.needed(*sources.values()), who)
    known = loading.for_customers(customer_ids, parts, at=now())
    for customer_id in filter(known.__contains__, customer_ids):
        facts = known[customer_id]
        language = facts.customer.language if facts.customer else DEFAULT
        text = texts[language]
        page = sheets.Page(**{name: text[name] for name in sheets.PAGE_FIELDS})
        yield Order(facts, sources[language], text["language"], page, f"{batch}:{customer_id}", batch=batch)


def _print(work: Work) -> dict[str, Any]:
    batch, total = batch_of(work.id), work.done
    made = reading.by_name(batch)
    skipped = reading.count_skipped(batch)
    db.session.rollback()
    result = {"letters": len(made), "skipped": skipped}
    if made:
        name = f"{_('letters')}-{work.id}.pdf"
        path = current_app.config["GECKO"].folder("exports") / name
        result |= {"pages": _write(work, path, made), "file": name}
    with transaction():
        audit.record(
            "letters.merge",
            entity="job_run",
            entity_id=work.id,
            facts={"letter_template": work.parameters["template"], **result},
        )
    work.progress(total)
    return result


def _write(work: Work, path: Any, made: list[int]) -> int:
    """The PDF under its name once it is whole; returns its pages."""
    part = path.with_suffix(".part")

    def tell(done: int) -> None:
        work.progress(done, len(made), _("Making the PDF"))

    try:
        with part.open("wb") as file:
            title = work.parameters["template"]
            printed = document.write(file, reading.letters(made), title=title, progress=tell)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    return printed.pages
