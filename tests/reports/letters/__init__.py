"""Letters as PDF, read back."""
