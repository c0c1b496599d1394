"""Campaigns: drafted, tried, approved, written into the outbox, steered while they run, and counted."""
