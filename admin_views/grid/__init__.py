"""The grid: one base for every list with its forms, fast at a million rows on both databases."""
