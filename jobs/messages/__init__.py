"""Sending what waits in the outbox: borrowed row by row, handed to a gateway, answered back into the table.

outlets       the gateways of this process, and how a row becomes what they send
answers       what an outcome means for the row, its address and its channel
handing       several messages in hand at once, their fences and answers written together
draining      one turn of sending; a queue job, or a loop where no queue answers
reminders     writes the reminders of bookings whose time has come
recalls       closes the recalls whose messages arrived, and lists those whose did not
crash_points  where a trial may kill the process, to prove that nothing is lost or doubled
"""
