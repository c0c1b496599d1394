"""Messages that are never lost and never sent twice: the table is the truth, whoever sends only borrows a row.

enqueuing   a row per recipient, in the transaction of what it speaks of; the same dedupe key is never written twice
claiming    takes due rows under a lease, and leaves those that must not go
fencing     the last look before the point of no return; without its yes nothing leaves
speaking    which bookings a message speaks of, and whether what it tells is still true
withdrawing takes back what speaks of a booking, when that is moved or deleted
telling     a message about one booking, from the texts in force
reminding   which bookings are to be reminded of now; confirming tells at once what staff have booked
recording   writes down what the other side answered
settling    what is told of a message later, in whatever state it is by then
bouncing    what comes back by mail
sms_reports what the SMS gateway tells
sweeping    takes back what its holder dropped: claimed rows wait again, handed ones need a decision
deciding    what staff do with those, and with what still waits
addresses   what a mark on an address means for messages to it
forgetting  what an erasure leaves of them
"""
