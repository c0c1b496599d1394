"""Recall: the list of what is due, templates, and settings."""
