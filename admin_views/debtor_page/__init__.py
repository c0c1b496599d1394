"""What the page of one debtor is made of, read in few queries; the profile's posting tab uses the same account."""
