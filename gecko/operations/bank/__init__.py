"""Payments from the bank.

accounts     the accounts of ours, with the columns of their csv files
statements   what a file says, whatever wrote it
camt         ISO 20022 camt.053 files
csv_files    the csv files of Danish banks
taking_in    a file's entries, each once
references   what an entry itself says of what it pays
candidates   what the database knows that entries may pay
overlapping  what files of two kinds both say
suggesting   which invoices an entry pays, and how sure that is
deciding     an entry accepted as a payment, ignored, or opened again
"""
