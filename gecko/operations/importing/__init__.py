"""Imports: files of invoices, customers, debtors or items become rows; every input row ends as imported, existing or
refused with its line and a reason."""
