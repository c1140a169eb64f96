"""Tests of the access record."""
