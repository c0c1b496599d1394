"""Letters: one written to a customer, one out of the log on paper, and the merge of many into one PDF."""
