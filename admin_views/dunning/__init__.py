"""Payment reminders to debtors: the run with its preview, the list, disputed claims, rates and the rules."""
