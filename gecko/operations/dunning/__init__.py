"""Reminding debtors of what they owe, within the limits of renteloven.

policy      what the installation has chosen, never beyond the law
rates       the reference rates of interest
interest    what interest comes to: pure arithmetic
claims      what is open, what was reminded before, what is disputed: read for many debtors at once
planning    who is reminded of what, at which price, and what is left out and why
running     writes what was planned, a debtor at a time, under the debtor's lock
cancelling  takes a reminder back, with what it cost
parking     claims that are disputed
wording     what the letters say
"""
