"""Which rows a user may see. Every list, look-up, export and single record passes here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Select, and_, exists, or_, select
from sqlalchemy.sql.elements import ColumnElement

from ..models.bookings import Booking, Calendar, Service
from ..models.contacts import Contact, CustomerContact
from ..models.customer_groups import CustomerGroup
from ..models.customers import Customer
from ..models.debtors import CustomerDebtorLink, Debtor
from ..models.documents import SaleDocument
from ..models.dunning import Dunning
from ..models.invoice_drafts import InvoiceDraft
from ..models.marketing_triggers import MarketingTrigger
from ..models.messages import Message
from ..models.postings import DebtorPosting
from ..models.recalls import Recall, RecallTurn
from ..permissions import Principal


def customer_rule(principal: Principal) -> ColumnElement[bool] | None:
    """The condition on Customer that holds for what `principal` may see; None where everything is visible."""
    if principal.groups is None:
        return None
    return Customer.group_id.in_(sorted(principal.groups))


def customers(statement: Select[Any], principal: Principal) -> Select[Any]:
    """Narrow a statement over Customer to what `principal` may see."""
    rule = customer_rule(principal)
    return statement if rule is None else statement.where(rule)


def customer_groups(statement: Select[Any], principal: Principal) -> Select[Any]:
    """Narrow a statement over CustomerGroup: a limited user knows their own."""
    return statement if principal.groups is None else statement.where(CustomerGroup.id.in_(sorted(principal.groups)))


def debtor_rule(principal: Principal) -> ColumnElement[bool] | None:
    """The condition on Debtor: a limited user sees debtors that pay, or paid, for a customer they may see."""
    rule = customer_rule(principal)
    if rule is None:
        return None
    linked = (
        select(CustomerDebtorLink.id)
        .join(Customer, Customer.id == CustomerDebtorLink.customer_id)
        .where(CustomerDebtorLink.debtor_id == Debtor.id, rule)
    )
    return exists(linked)


def debtors(statement: Select[Any], principal: Principal) -> Select[Any]:
    """Narrow a statement over Debtor to what `principal` may see."""
    rule = debtor_rule(principal)
    return statement if rule is None else statement.where(rule)


def contacts(statement: Select[Any], principal: Principal) -> Select[Any]:
    """Narrow a statement over Contact: those of visible customers, and those of none."""
    rule = customer_rule(principal)
    if rule is None:
        return statement
    mine = (
        select(CustomerContact.id)
        .join(Customer, Customer.id == CustomerContact.customer_id)
        .where(CustomerContact.contact_id == Contact.id, rule)
    )
    nobody = ~exists(select(CustomerContact.id).where(CustomerContact.contact_id == Contact.id))
    return statement.where(or_(exists(mine), nobody))


def postings(statement: Select[Any], principal: Principal) -> Select[Any]:
    """Narrow a statement over DebtorPosting to the accounts of visible debtors."""
    rule = debtor_rule(principal)
    if rule is None:
        return statement
    return statement.where(DebtorPosting.debtor_id.in_(select(Debtor.id).where(rule)))


def dunnings(statement: Select[Any], principal: Principal) -> Select[Any]:
    """Narrow a statement over Dunning to the payment reminders of visible debtors."""
    rule = debtor_rule(principal)
    return statement if rule is None else statement.where(Dunning.debtor_id.in_(select(Debtor.id).where(rule)))


def documents(statement: Select[Any], principal: Principal) -> Select[Any]:
    """Narrow a statement over SaleDocument: those of visible customers, and those of none whose debtor is visible."""
    return _of_customer_or_debtor(statement, SaleDocument, principal)


def drafts(statement: Select[Any], principal: Principal) -> Select[Any]:
    """Narrow a statement over InvoiceDraft in the same way."""
    return _of_customer_or_debtor(statement, InvoiceDraft, principal)


def _of_customer_or_debtor(
    statement: Select[Any], model: type[SaleDocument | InvoiceDraft], principal: Principal
) -> Select[Any]:
    rule, payer = customer_rule(principal), debtor_rule(principal)
    if rule is None or payer is None:
        return statement
    nobodys = and_(model.customer_id.is_(None), model.debtor_id.in_(select(Debtor.id).where(payer)))
    return statement.where(or_(model.customer_id.in_(select(Customer.id).where(rule)), nobodys))


def calendars(statement: Select[Any], principal: Principal) -> Select[Any]:
    """Narrow a statement over Calendar: a limited user knows those of their groups, and those for everybody."""
    return _of_groups(statement, Calendar, principal)


def services(statement: Select[Any], principal: Principal) -> Select[Any]:
    """Narrow a statement over Service in the same way."""
    return _of_groups(statement, Service, principal)


def _of_groups(statement: Select[Any], model: type[Calendar | Service], principal: Principal) -> Select[Any]:
    if principal.groups is None:
        return statement
    return statement.where(or_(model.group_id.is_(None), model.group_id.in_(sorted(principal.groups))))


def bookings(statement: Select[Any], principal: Principal) -> Select[Any]:
    """Narrow a statement over Booking: those of visible customers, and those of none in visible calendars."""
    rule = customer_rule(principal)
    if rule is None:
        return statement
    nobodys = and_(Booking.customer_id.is_(None), Booking.calendar_id.in_(calendars(select(Calendar.id), principal)))
    return statement.where(or_(Booking.customer_id.in_(select(Customer.id).where(rule)), nobodys))


def messages(statement: Select[Any], principal: Principal) -> Select[Any]:
    """Narrow a statement over Message to those of visible customers; those of none are for who sees everybody."""
    rule = customer_rule(principal)
    return statement if rule is None else statement.where(Message.customer_id.in_(select(Customer.id).where(rule)))


def recalls(statement: Select[Any], principal: Principal) -> Select[Any]:
    """Narrow a statement over Recall to those of visible customers."""
    rule = customer_rule(principal)
    return statement if rule is None else statement.where(Recall.customer_id.in_(select(Customer.id).where(rule)))


def recall_turns(statement: Select[Any], principal: Principal) -> Select[Any]:
    """Narrow a statement over RecallTurn in the same way."""
    if principal.groups is None:
        return statement
    return statement.where(RecallTurn.recall_id.in_(recalls(select(Recall.id), principal)))


def marketing_triggers(statement: Select[Any], principal: Principal) -> Select[Any]:
    """Narrow a statement over MarketingTrigger: those of all customers are for who sees everybody."""
    return statement if principal.groups is None else statement.where(MarketingTrigger.group_id.in_(principal.groups))


_NARROWED: dict[type[Any], Callable[[Select[Any], Principal], Select[Any]]] = {
    Customer: customers, CustomerGroup: customer_groups, Debtor: debtors, Contact: contacts,
    DebtorPosting: postings, SaleDocument: documents, Dunning: dunnings,
    Booking: bookings, Calendar: calendars, Service: services,
    Message: messages, Recall: recalls, RecallTurn: recall_turns,
    MarketingTrigger: marketing_triggers,
}  # fmt: skip


def narrowed(model: type[Any], statement: Select[Any], principal: Principal) -> Select[Any]:
    """Narrow a statement over any model by its rule; models without one are everybody's."""
    rule = _NARROWED.get(model)
    return statement if rule is None else rule(statement, principal)
