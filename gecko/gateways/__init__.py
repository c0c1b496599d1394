"""Ways out of the house: e-mail and SMS. They know no tables; whoever sends gives plain values and a fence.

outcomes    what became of one message, the same for every gateway
opening     the gateways of an installation, as its settings say
journal     the file that a trial "sends" into
email, sms  the gateways themselves
"""
