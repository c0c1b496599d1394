"""Other sides of the wire whose word can be trusted: a mail server and an SMS gateway that note what reached them.

They stand here, and not among the tests, because the harness that kills processes while messages are sent needs them
too. aiosmtpd comes with the extra `chaos`, and with the developers' tools.
"""
