"""Duplicates: the queue, the page where a case is decided, batches, and the check of one customer."""
