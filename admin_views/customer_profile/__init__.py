"""The customer profile: one module for each tab."""
