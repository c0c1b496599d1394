"""Payments from the bank: files read in, entries with their suggestions, and the accounts they come to."""
