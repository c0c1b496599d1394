"""The seal over the ledger: a chain of hashes over documents, postings and settlements, verified and anchored outside.

A row that was changed, removed or slipped in after it was sealed no longer fits its seal, and a seal that was made anew
lacks the signature. Whoever holds the database and the key can make the whole chain anew; only an anchor that was kept
elsewhere tells.
"""
