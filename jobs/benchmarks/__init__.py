"""Measurements of jobs beside the usual alternatives."""
