"""Every tab and every action of the profile, each in one list, in the order people see."""

from __future__ import annotations

from gecko.language import _
from gecko.modules import Feature, Gate
from gecko.permissions import Permission as P

from . import contacts, debtor_link, information, log, on_customer
from .tabs import Action, Post, Tab

CONTACTS = Gate((Feature.CONTACTS,))
INVOICES = Gate((Feature.INVOICES,))

TABS: list[Tab] = [
    Tab(
        "information",
        _("Customer information"),
        P.CUSTOMER_VIEW,
        information.render,
        posts={
            "save": Post(P.CUSTOMER_EDIT, information.save),
            "resolve": Post(P.CUSTOMER_EDIT, information.resolve),
            "cpr": Post(P.CUSTOMER_VIEW_CPR, on_customer.show_cpr, Gate((Feature.CPR,))),
            "put-marking": Post(P.CUSTOMER_EDIT, on_customer.put_marking),
            "take-marking": Post(P.CUSTOMER_EDIT, on_customer.take_marking),
            "mark-address": Post(P.CUSTOMER_EDIT, on_customer.mark_address),
            "check-address": Post(P.CUSTOMER_EDIT, on_customer.check_address),
            "delete": Post(P.CUSTOMER_DELETE, on_customer.delete),
            "link-debtor": Post(P.DEBTOR_EDIT, debtor_link.link, INVOICES),
            "unlink-debtor": Post(P.DEBTOR_EDIT, debtor_link.unlink, INVOICES),
            "create-debtor": Post(P.DEBTOR_EDIT, debtor_link.create, INVOICES),
        },
    ),
    Tab(
        "contacts",
        _("Contacts"),
        P.CUSTOMER_VIEW,
        contacts.render,
        gate=CONTACTS,
        count=contacts.count,
        posts={
            "link": Post(P.CONTACT_EDIT, contacts.link),
            "create": Post(P.CONTACT_EDIT, contacts.create),
            "unlink": Post(P.CONTACT_EDIT, contacts.unlink),
        },
    ),
    Tab("log", _("Log"), P.CUSTOMER_LOG, log.render),
]
# An action stands here once its page exists; until then it is neither shown nor answered.
ACTIONS: list[Action] = []
