"""Letters: texts merged for customers, to be printed; each stands in the communication log from when it is made.

sheets      a letter beside its text: sender, address, date and page set-up, kept so that it can be made again as it was
addressing  what stands in the window of the envelope, and which customers have no such address
writing     one letter to one customer, seen before it is made
batches     letters to many: `write(orders)` logs them, whoever wants them (a mail merge, a recall)
reading     letters out of the log, ready for print or PDF (`reports.letters`)

A letter is logged as sent when it is made: nobody can know when the post took it. Printing it again is no new letter.
"""
