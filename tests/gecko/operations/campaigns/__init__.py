"""Tests of gecko.operations.campaigns."""
