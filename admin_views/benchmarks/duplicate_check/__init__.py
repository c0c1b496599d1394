"""`gecko bench duplicate-check`: one customer against the whole base, at once, and whether all paths agree."""
