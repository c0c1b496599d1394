"""The pages around messages: the list, one message, what needs a decision, and writing to a customer."""
