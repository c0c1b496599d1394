"""`gecko bench duplicates`: bases of customers with the truth known, and what finding their duplicates costs."""
