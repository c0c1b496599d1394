"""The pages: Flask-Admin views over the domain, and the whole menu in one list."""

from __future__ import annotations

import os

from flask import Flask

from gecko.language import _

from .access_templates import AccessTemplatesView
from .account import AccountView
from .automatic_settlement import AutomaticSettlementView
from .bank.accounts import BankAccountsView
from .bank.view import BankPaymentsView
from .bookings import BookingsView
from .bookkeeping import BookkeepingAccountsView, BookkeepingView
from .calendars import BookingStatusesView, CalendarsView, ServicesView
from .campaigns.view import CampaignsView
from .consent_wordings import ConsentWordingsView
from .contacts import ContactsView
from .customer_fields import CustomerFieldsView
from .customer_groups import GroupsView
from .customer_profile.view import CustomerProfileView
from .customers import CustomersView
from .debtor_groups import DebtorGroupsView
from .debtor_page.prepayment_view import DebtorPrepaymentView
from .debtor_page.view import DebtorAccountView
from .debtors import DebtorsView
from .dunning.disputes import DisputesView
from .dunning.runs import DunningRunsView
from .dunning.setup import DunningPolicyView, ReferenceRatesView
from .dunning.view import DunningView
from .duplicates.merges import MergesView
from .duplicates.placeholders import PlaceholdersView
from .duplicates.quality import DuplicateQualityView
from .duplicates.scans import ScansView
from .duplicates.view import DuplicatesView
from .exports import ExportsView
from .field_policies import FieldPoliciesView
from .imports import ImportsView
from .invoice_drafts import InvoiceDraftsView
from .invoice_mail import InvoiceMailView
from .invoices import InvoicesView
from .items import ItemGroupsView, ItemsView
from .jobs import JobsView
from .letters.merging import LetterMergesView
from .letters.view import LettersView
from .letters.writing import LetterWritingView
from .log import LogView
from .marketing_triggers import MarketingTriggersView
from .markings import MarkingsView
from .menu import Section
from .message_templates import MessageTemplatesView
from .messages.decisions import DecisionsView
from .messages.trial import TrialView
from .messages.view import MessagesView
from .messages.writing import WritingView
from .number_series import NumberSeriesView
from .payment_terms import PaymentTermsView
from .payment_types import PaymentTypesView
from .periods import PeriodsView
from .postings import PostingsView
from .recalls.settings import RecallSettingsView
from .recalls.templates import RecallTemplatesView
from .recalls.view import RecallsView
from .reminders import RemindersView
from .reports.view import VIEWS as REPORT_VIEWS
from .reports.view import ReportsView
from .roles import RolesView
from .search import SearchView
from .settings import SettingsView
from .statements import StatementsView
from .texts.view import TextsView
from .users import UsersView

ROOT = os.path.dirname(__file__)

# The whole menu, in order. A view is named by its class; one that stands outside the menu says `in_menu = False`.
MENU: list[Section] = [
    Section("", (SearchView,)),
    Section(_("Customers"), (CustomersView, CustomerProfileView, ContactsView)),
    Section(_("Bookings"), (BookingsView, RecallsView)),
    Section(_("Duplicates"), (DuplicatesView, MergesView, ScansView, DuplicateQualityView, PlaceholdersView)),
    Section(
        _("Communication"),
        (
            MessagesView,
            CampaignsView,
            DecisionsView,
            TrialView,
            WritingView,
            LetterMergesView,
            LetterWritingView,
            LettersView,
            MarketingTriggersView,
            TextsView,
            ConsentWordingsView,
            MessageTemplatesView,
        ),
    ),
    Section(
        _("Debtors"),
        (
            DebtorsView,
            DebtorAccountView,
            DebtorPrepaymentView,
            PostingsView,
            StatementsView,
            DebtorGroupsView,
            PaymentTermsView,
        ),
    ),
    Section(_("Invoicing"), (InvoicesView, InvoiceDraftsView, InvoiceMailView)),
    Section(_("Payments"), (BankPaymentsView, AutomaticSettlementView, PaymentTypesView, BankAccountsView)),
    Section(
        _("Payment reminders"), (DunningRunsView, DunningView, DisputesView, DunningPolicyView, ReferenceRatesView)
    ),
    Section(_("Closing and bookkeeping"), (PeriodsView, BookkeepingView, BookkeepingAccountsView)),
    Section(_("Items"), (ItemsView, ItemGroupsView)),
    Section(_("Reports"), (ReportsView, ExportsView, *REPORT_VIEWS)),
    Section(
        _("Set-up"),
        (
            GroupsView,
            MarkingsView,
            CustomerFieldsView,
            FieldPoliciesView,
            CalendarsView,
            ServicesView,
            BookingStatusesView,
            RemindersView,
            RecallTemplatesView,
            RecallSettingsView,
        ),
    ),
    Section(_("System"), (ImportsView, JobsView, LogView)),
    Section(
        _("Administration"), (UsersView, RolesView, AccessTemplatesView, SettingsView, NumberSeriesView, AccountView)
    ),
]


def init_app(app: Flask) -> None:
    """Wire log-in, language, headers and every page to the app."""
    from . import (
        assets,
        error_pages,
        formats,
        headers,
        hygiene,
        i18n,
        login,
        menu,
        one_time_link,
        opening,
        preferences,
        request_log,
        shell,
        signing_in,
        unsubscribing,
        webhooks,
    )

    parts = (
        request_log, hygiene, i18n, login, signing_in, one_time_link, opening,
        unsubscribing, webhooks, error_pages, headers, assets, formats, shell, preferences,
    )  # fmt: skip
    for part in parts:
        part.init_app(app)
    menu.init_app(app, MENU)
