"""What is logged: the allow-list of audited columns, and named events that say what a change meant.

Triggers generated from this list (see triggers) write one row per changed record on both databases, so that the log
sees form saves, bulk updates and raw SQL alike. Append-only tables are not listed: their rows carry who and when.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from . import actor
from .db import db
from .models.audit import AuditEntry


@dataclass(frozen=True, slots=True)
class Audited:
    """How one table is logged.

    columns: logged with old and new value. masked: logged as changed, the value never. key: what names the row.
    customer: the column that says whose log the change belongs to.
    """

    columns: tuple[str, ...]
    masked: tuple[str, ...] = ()
    key: tuple[str, ...] = ("id",)
    customer: str | None = None


AUDITED: dict[str, Audited] = {
    "customer": Audited(
        columns=(
            "group_id", "number", "name", "address", "postal_code", "city", "telephone", "mobile", "email",
            "birth_date", "gender", "language", "remind_sms", "remind_email", "accepts_marketing_email",
            "accepts_marketing_sms", "allows_open_tracking", "note", "important_note", "right_of_access",
            "clips_left", "deleted_at",
        ),
        masked=("cpr_encrypted", "password_hash"),
        customer="id",
    ),
    "customer_group": Audited(
        ("name", "is_active", "is_primary", "description", "description_2", "description_3", "default_clips")
    ),
    "customer_field": Audited(
        ("name", "type", "choices", "alert_text", "all_groups", "show_create", "show_profile", "is_required",
         "is_sensitive", "position", "deleted_at")
    ),
    "customer_field_group": Audited(("field_id", "group_id"), key=("field_id", "group_id")),
    "customer_field_value": Audited(("value",), key=("field_id",), customer="customer_id"),
    "field_policy": Audited(("context", "field", "is_shown", "is_required")),
    "marking": Audited(("name", "icon", "colour", "is_active")),
    "customer_marking": Audited(("marking_id", "value"), key=("marking_id",), customer="customer_id"),
    "contact": Audited(
        ("name", "email", "mobile", "telephone", "address", "note", "receives_copy", "deleted_at")
    ),
    "customer_contact": Audited(("contact_id", "relation"), key=("contact_id",), customer="customer_id"),
    "address_failure": Audited(("reason", "failed_at"), key=("channel", "address")),
    "debtor": Audited(
        ("number", "group_id", "name", "company_name", "att", "address", "postal_code", "city", "country", "phone",
         "email", "cvr", "ean", "contact_reference", "order_reference", "language", "term_id", "reminder_block",
         "deleted_at")
    ),
    "debtor_group": Audited(("name", "is_active", "default_term_id")),
    "payment_term": Audited(("name", "days", "day_kind", "is_default", "is_active")),
    "payment_type": Audited(("name", "means", "account_no", "is_active")),
    "bank_account": Audited(("name", "registration_no", "account_no", "csv_mapping")),
    "customer_debtor_link": Audited(("debtor_id", "linked_at", "unlinked_at"), customer="customer_id"),
    "invoice_draft": Audited(
        ("debtor_id", "customer_id", "document_date", "term_id", "total_ore"), customer="customer_id"
    ),
    "sale_document": Audited(("customer_id",), customer="customer_id"),
    "reference_rate": Audited(("starts_on", "rate_bp")),
    "parked_claim": Audited(("posting_id", "reason", "from_on", "until_on")),
    "dunning": Audited(("message_id", "printed_at", "cancelled_at", "cancel_reason")),
    "item": Audited(
        ("item_no", "name", "kind", "price_ore", "cost_ore", "barcode", "is_vat_exempt", "is_active", "group_id",
         "deleted_at")
    ),
    "item_group": Audited(("name", "account_no")),
    "calendar": Audited(("name", "group_id", "is_active")),
    "calendar_day": Audited(("calendar_id", "date", "note")),
    "service": Audited(
        ("name", "category", "group_id", "shown_minutes", "reserved_minutes", "price_ore", "is_sensitive", "is_active")
    ),
    "booking_status": Audited(("name", "colour", "position")),
    "booking": Audited(
        ("calendar_id", "service_id", "start_at", "end_at", "shown_minutes", "price_ore", "status_id",
         "booking_text", "internal_note", "is_no_show", "completed_at", "deleted_at", "deleted_by_kind"),
        customer="customer_id",
    ),
    "recall_template": Audited(
        ("name", "tolerance_days", "is_win_back", "first_channel", "second_channel", "third_channel", "deleted_at")
    ),
    "recall_template_service": Audited(("service_id",), key=("template_id", "service_id")),
    "recall_template_text": Audited(("message_template_id",), key=("template_id", "channel", "language")),
    "recall": Audited(
        ("template_id", "service_id", "first_on", "next_on", "every", "unit", "until_on", "times", "state", "note"),
        customer="customer_id",
    ),
    "recall_turn": Audited(("turn_on", "state")),
    "staff_user": Audited(
        ("username", "name", "email", "is_active", "is_limited", "language", "access_template_id", "deleted_at"),
        masked=("password_hash",),
    ),
    "staff_user_role": Audited(("role_id",), key=("user_id", "role_id")),
    "staff_user_group": Audited(("group_id",), key=("user_id", "group_id")),
    "role": Audited(("name",)),
    "role_permission": Audited(("permission",), key=("role_id", "permission")),
    "access_template": Audited(("name", "is_limited")),
    "access_template_role": Audited(("role_id",), key=("template_id", "role_id")),
    "access_template_group": Audited(("group_id",), key=("template_id", "group_id")),
    "setting": Audited(("value",), key=("key",)),
    "text_override": Audited(("subject", "body"), key=("key", "channel", "language")),
    "message_template": Audited(
        (
            *("name", "channel", "language", "subject", "body", "deleted_at"),
            *("is_window_right", "margin_mm", "font_points", "is_dated"),
        )
    ),
    "campaign": Audited(
        ("name", "is_marketing", "service_reason", "audience_query", "audience_ids", "send_at", "state", "pause_note",
         "approved_by_id", "deleted_at")
    ),
    "campaign_text": Audited(("subject", "body"), key=("campaign_id", "channel", "language")),
    "marketing_trigger": Audited(
        ("name", "occasion", "days", "on_date", "email_template_id", "sms_template_id", "group_id", "on_monday",
         "on_tuesday", "on_wednesday", "on_thursday", "on_friday", "on_saturday", "on_sunday", "waiting_days",
         "standby_days", "is_approved", "deleted_at")
    ),
    "duplicate_case": Audited(("assigned_to_id",)),
    "match_placeholder": Audited(("kind", "value", "state")),
}  # fmt: skip
# Their insertion needs no log of its own: documents are immutable but for the customer they are filed under, payment
# reminders but for what becomes of them, cases come and go with every search, and the times of a recall with every run.
UPDATES_ONLY = frozenset({"sale_document", "dunning", "duplicate_case", "recall_turn"})


def record(
    action: str, *, entity: str, entity_id: object, customer_id: int | None = None, facts: dict[str, Any] | None = None
) -> None:
    """Log a named event (`noun.verb`) inside the running transaction."""
    who = actor.current()
    db.session.add(
        AuditEntry(
            action=action,
            entity=entity,
            entity_id=str(entity_id),
            customer_id=customer_id,
            changes=facts,
            user_id=who.user_id,
            name=who.name,
            source=who.source,
            ip=who.ip,
            request_id=who.request_id,
            on_behalf_of=who.on_behalf_of,
        )
    )
