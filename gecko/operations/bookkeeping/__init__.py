"""Handing postings over to the bookkeeping: as vouchers that come to nothing, in batches, each posting once."""
