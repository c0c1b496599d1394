"""Every tab and every action of the profile, each in one list, in the order people see."""

from __future__ import annotations

from flask import url_for

from gecko.language import _
from gecko.modules import Feature, Gate, Module
from gecko.permissions import Permission

from . import (
    bookings,
    communication,
    contacts,
    debtor_link,
    debtor_postings,
    information,
    log,
    on_customer,
    purchases,
    recalls,
)
from .tabs import Action, Post, Tab

CONTACTS = Gate((Feature.CONTACTS,))
INVOICES = Gate((Feature.INVOICES,))
REGISTER = Gate((Module.CASH_REGISTER,))

OPENS_FIRST = "information"
TABS: list[Tab] = [
    Tab(
        "bookings",
        _("Bookings"),
        Permission.BOOKING_VIEW,
        bookings.render,
        count=bookings.count,
        posts={"card": Post(Permission.MESSAGE_SEND, bookings.send_card, bookings.CARD)},
    ),
    Tab(
        "recalls",
        _("Recall"),
        Permission.BOOKING_VIEW,
        recalls.render,
        gate=recalls.GATE,
        count=recalls.count,
        posts={
            "sign-up": Post(Permission.BOOKING_EDIT, recalls.sign_up),
            "change": Post(Permission.BOOKING_EDIT, recalls.change),
            **{name: Post(Permission.BOOKING_EDIT, recalls.act(name)) for name in recalls.ACTS},
        },
    ),
    Tab(
        "information",
        _("Customer information"),
        Permission.CUSTOMER_VIEW,
        information.render,
        posts={
            "save": Post(Permission.CUSTOMER_EDIT, information.save),
            "resolve": Post(Permission.CUSTOMER_EDIT, information.resolve),
            "cpr": Post(Permission.CUSTOMER_VIEW_CPR, on_customer.show_cpr, Gate((Feature.CPR,))),
            "put-marking": Post(Permission.CUSTOMER_EDIT, on_customer.put_marking),
            "take-marking": Post(Permission.CUSTOMER_EDIT, on_customer.take_marking),
            "mark-address": Post(Permission.CUSTOMER_EDIT, on_customer.mark_address),
            "check-address": Post(Permission.CUSTOMER_EDIT, on_customer.check_address),
            "delete": Post(Permission.CUSTOMER_DELETE, on_customer.delete),
            "erase": Post(Permission.CUSTOMER_DELETE, on_customer.erase),
            "link-debtor": Post(Permission.DEBTOR_EDIT, debtor_link.link, INVOICES),
            "unlink-debtor": Post(Permission.DEBTOR_EDIT, debtor_link.unlink, INVOICES),
            "create-debtor": Post(Permission.DEBTOR_EDIT, debtor_link.create, INVOICES),
        },
    ),
    Tab(
        "contacts",
        _("Contacts"),
        Permission.CUSTOMER_VIEW,
        contacts.render,
        gate=CONTACTS,
        count=contacts.count,
        posts={
            "link": Post(Permission.CONTACT_EDIT, contacts.link),
            "create": Post(Permission.CONTACT_EDIT, contacts.create),
            "unlink": Post(Permission.CONTACT_EDIT, contacts.unlink),
        },
    ),
    Tab(
        "debtor-postings",
        _("Debtor postings"),
        Permission.DEBTOR_VIEW,
        debtor_postings.render,
        gate=INVOICES,
        count=debtor_postings.count,
    ),
    Tab(
        "purchases",
        _("Purchases"),
        Permission.PURCHASE_VIEW,
        purchases.render,
        gate=REGISTER,
        count=purchases.count,
        posts={
            "create": Post(Permission.PURCHASE_ADHOC, purchases.create),
            "undo": Post(Permission.PURCHASE_ADHOC, purchases.undo),
        },
    ),
    Tab("messages", _("Communication log"), Permission.MESSAGE_VIEW, communication.render, count=communication.count),
    Tab("log", _("Log"), Permission.CUSTOMER_LOG, log.render),
]
# An action stands here once its page exists; until then it is neither shown nor answered.
ACTIONS: list[Action] = [
    Action(
        "write",
        _("Send e-mail/SMS"),
        "send",
        Permission.MESSAGE_SEND,
        lambda profile: url_for("message_writing.index", customer_id=profile.customer.id),
    ),
    Action(
        "letter",
        _("Mail merge"),
        "file-text",
        Permission.MESSAGE_SEND,
        lambda profile: url_for("letter_writing.index", customer_id=profile.customer.id),
    ),
    Action(
        "duplicates",
        _("Find duplicates"),
        "users",
        Permission.DUPLICATE_REVIEW,
        lambda profile: url_for("duplicates.check", customer_id=profile.customer.id),
        busy=_("Looking for duplicates …"),
    ),
]
