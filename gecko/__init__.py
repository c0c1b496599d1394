"""The domain: customers, debtors, purchases and the rules that hold between them."""
