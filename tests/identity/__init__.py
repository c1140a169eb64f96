"""Tests of register.identity: invented people only."""
