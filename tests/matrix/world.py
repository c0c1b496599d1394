"""One row of everything that an address can name."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select
from werkzeug.routing import Rule

from gecko.clock import today
from gecko.db import db, transaction
from gecko.models.bank import BankEntry, BankFileKind
from gecko.models.bookings import BookingStatus
from gecko.models.campaigns import Campaign
from gecko.models.contacts import Contact, CustomerContact
from gecko.models.customer_fields import CustomerField, FieldType
from gecko.models.customer_groups import CustomerGroup
from gecko.models.debtors import Debtor, DebtorGroup, PaymentTerm
from gecko.models.dunning import ReferenceRate
from gecko.models.duplicates import DuplicateBatch, DuplicateSample
from gecko.models.items import ItemGroup
from gecko.models.jobs import JobRun
from gecko.models.marketing_triggers import MarketingTrigger
from gecko.models.markings import CustomerMarking, Marking
from gecko.models.matching import MatchPlaceholder
from gecko.models.payment_types import PaymentType
from gecko.models.people import AccessTemplate, Role
from gecko.models.postings import DebtorPosting
from gecko.models.recalls import RecallTemplate, RecallTurn, RecallUnit
from gecko.models.texts import MessageTemplate
from gecko.modules import Feature
from gecko.operations import ad_hoc, settings
from gecko.operations.bank import accounts, taking_in
from gecko.operations.bank.statements import Entry, Statement
from gecko.operations.duplicates import deciding
from gecko.operations.recalls import running, signing_up
from tests import factories

# Which row the `id` of an address names, by the view's endpoint; views without rows of their own are left out.
NOUNS = {
    "users": "user",
    "roles": "role",
    "access_templates": "access_template",
    "customers": "customer",
    "customer_profile": "customer",
    "contacts": "contact",
    "groups": "group",
    "markings": "marking",
    "customer-fields": "field",
    "bookings": "booking",
    "calendars": "calendar",
    "services": "service",
    "booking-statuses": "booking_status",
    "recalls": "recall_turn",
    "recall-templates": "recall_template",
    "debtors": "debtor",
    "debtor_account": "debtor",
    "debtor_prepayment": "debtor",
    "debtor-groups": "debtor_group",
    "payment-terms": "term",
    "payment-types": "payment_type",
    "bank-accounts": "bank_account",
    "bank-payments": "bank_entry",
    "invoices": "invoice",
    "invoice-drafts": "draft",
    "dunning": "dunning",
    "reference-rates": "reference_rate",
    "invoice_mail": "invoice",
    "postings": "posting",
    "messages": "message",
    "message_writing": "customer",
    "letter_writing": "customer",
    "letters": "letter",
    "items": "item",
    "item-groups": "item_group",
    "jobs": "run",
    "duplicates": "case",
    "merges": "merge",
    "message-templates": "message_template",
    "campaigns": "campaign",
    "marketing-triggers": "trigger",
}
WORDS = {
    "key": "booking_reminder_1",
    "channel": "sms",
    "language": "da",
    "token": "x" * 43,
    "filename": "gecko/gecko.css",
    "tab_key": "information",
    "name": "put-marking",
    "act": "put-marking",
    "which": "rejects",
    "position": "1",
    "number": "1",
}


def owned(group_id: int, name: str = "Kunde") -> dict[str, int]:
    """A customer of a group with everything that belongs to customers, all called `name`; the ids by noun."""
    customer, debtor = factories.linked(group_id=group_id, name=name)
    ids = {"customer": customer.id, "debtor": debtor.id}
    with transaction() as session:
        session.get(Debtor, ids["debtor"]).company_name = name
    contact = factories.save(Contact(name=name))
    factories.save(CustomerContact(customer_id=ids["customer"], contact_id=contact.id, relation="mor"))
    ids["contact"] = contact.id
    ids["invoice"] = ids["document"] = factories.invoice(ids["debtor"], customer_id=ids["customer"]).id
    ids["draft"] = factories.draft(ids["debtor"], customer_id=ids["customer"]).id
    ids["posting"] = (
        db.session.scalars(select(DebtorPosting.id).where(DebtorPosting.debtor_id == ids["debtor"])).first() or 0
    )
    ids["dunning"], ids["dunning_run"] = factories.reminder(ids["debtor"])
    item_id = factories.item().id
    with transaction():
        ids["purchase"] = ad_hoc.create(ids["customer"], [ad_hoc.AdHocItem(item_id)]).id
    ids["item"] = item_id
    ids["message"] = factories.message(customer_id=ids["customer"], subject=f"Til {name}", recipient="kunde@example.dk")
    ids["letter"] = factories.letter(ids["customer"])
    ids["calendar"] = factories.calendar(name=f"Kalender {name}", group_id=group_id).id
    ids["service"] = factories.service(name=f"Ydelse {name}", group_id=group_id).id
    ids["booking"] = factories.booking(
        ids["customer"], calendar_id=ids["calendar"], service_id=ids["service"], days=-1
    ).id
    ids |= _recalled(ids["customer"], ids["service"])
    wish = MessageTemplate(name=f"Hilsen {name}", channel="email", subject="Tillykke", body="Tillykke [AFMELDLINK]")
    wish_id = factories.save(wish).id
    yearly = MarketingTrigger(name=f"Hilsen {name}", occasion="birthday", email_template_id=wish_id, group_id=group_id)
    ids["trigger"] = factories.save(yearly).id
    return ids


def _recalled(customer_id: int, service_id: int) -> dict[str, int]:
    """A sign-up for recall whose first time is due; the feature is on."""
    template = factories.save(RecallTemplate(name=f"Kontrol {customer_id}", first_channel="letter"))
    with transaction():
        settings.put(f"feature.{Feature.RECALL}", True)
        wish = signing_up.Wish(customer_id, template.id, service_id, today(), 6, RecallUnit.MONTH)
        recall_id = signing_up.sign_up(wish).id
        running.run_one(recall_id)
    turn = db.session.scalars(select(RecallTurn.id).where(RecallTurn.recall_id == recall_id)).one()
    return {"recall_template": template.id, "recall_turn": turn}


def build() -> dict[str, int]:
    """Everything once; the ids by noun."""
    ids = owned(factories.primary_group().id)
    rows: dict[str, Any] = {
        "group": CustomerGroup(name="Anden gruppe"),
        "marking": Marking(name="VIP"),
        "field": CustomerField(name="Skostørrelse", type=FieldType.TEXT, all_groups=True, position=1),
        "debtor_group": DebtorGroup(name="Erhverv"),
        "term": PaymentTerm(name="Netto 14 dage", days=14, day_kind="calendar"),
        "reference_rate": ReferenceRate(starts_on=date(2020, 1, 1), rate_bp=5),
        "payment_type": PaymentType(name="Betalingsservice", means="bank"),
        "booking_status": BookingStatus(name="Bekræftet"),
        "item_group": ItemGroup(name="Shampoo", account_no="1000"),
        "run": JobRun(kind="test.none", key="k", parameters={}, state="failed", error="Went wrong."),
        "role": Role(name="Elev"),
        "message_template": MessageTemplate(name="Fødselsdag", channel="sms", body="Tillykke [KUNDEFORNAVN]"),
        "campaign": Campaign(name="Forårsnyt", audience_query=""),
        "access_template": AccessTemplate(name="Butik"),
        "placeholder": MatchPlaceholder(kind="phone", value="40404040", customers=90, surnames=70),
    }
    ids |= {noun: factories.save(row).id for noun, row in rows.items()}
    ids |= _banked()
    factories.save(CustomerMarking(customer_id=ids["customer"], marking_id=ids["marking"]))
    ids["user"] = factories.user("reviewer").id
    return ids | _duplicates()


def _banked() -> dict[str, int]:
    """An account of ours and a payment that came to it."""
    with transaction():
        values = {"name": "Driftskonto", "registration_no": "3000", "account_no": "42"}
        account_id = accounts.create(values).id
        entry = Entry(1, today(), 10_000, "Overførsel")
        taking_in.take_in(account_id, "konto.xml", "0", Statement(BankFileKind.CAMT, [entry]))
    return {"bank_account": account_id, "bank_entry": db.session.scalars(select(BankEntry.id)).one()}


def _duplicates() -> dict[str, int]:
    """A case, a batch whose sample it is, and a merge."""
    case_id = factories.duplicate_case()
    batch = DuplicateBatch(minimum=0.0, model=1, sure=0.99, last_case_id=case_id, cases=1)
    batch.samples = [DuplicateSample(case_id=case_id, position=1)]
    survivor_id, absorbed_id = factories.customer(name="Åse Ærø").id, factories.customer(name="Aase Aeroe").id
    with transaction():
        merge_id = deciding.merge(survivor_id, [absorbed_id], principal=None).id
    return {"case": case_id, "batch": factories.save(batch).id, "merge": merge_id}


def address(rule: Rule, ids: dict[str, int]) -> str:
    """The rule's path with its places filled in, and `?id=` for the views that read one."""
    view = (rule.endpoint or "").rpartition(".")[0]
    noun = NOUNS.get(view)
    values = {}
    for argument in rule.arguments:
        if argument in WORDS:
            values[argument] = WORDS[argument]
        else:
            values[argument] = str(ids[noun if argument == "id" else argument.removesuffix("_id")])  # type: ignore[index]
    path = "".join(values.get(part, part) if is_place else part for is_place, part in rule._trace if part != "|")
    return f"{path}?id={ids[noun]}" if noun else path
