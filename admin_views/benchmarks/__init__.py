"""`gecko bench grid`: the customer list against its peers, on one database, in one run."""
