"""Other sides of the wire whose word can be trusted: a mail server and an SMS gateway that note what reached them.

sink         a mail server (aiosmtpd, of the extra `chaos` and the developers' tools)
sms_fake     GatewayAPI from outside
sms_reports  its status reports, signed, doubled, shuffled, and forged ones beside them
storm        those reports by the thousand, and a model of what they amount to
flagging     addresses that fail while messages to them are written, claimed and sent
issuing      invoices written by many at once, some of whom are killed with the number drawn
ledger       everything that moves a debtor's ledger, at random, held against `books`
books        the same in plain Python: what is open of each posting, as of any day
truth        the ledgers of both

They stand here, and not among the tests, because the harness that kills processes while messages are sent needs them,
too.
"""
