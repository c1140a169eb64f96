"""Tests of register.episodes."""
