"""Rules across rows: one module per activity. Operations run inside `transaction()` and never commit."""
