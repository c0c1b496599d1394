"""Duplicates from scored pairs to decided cases: recording, cases, the queue, decisions, batches, learning."""
