"""Tests of official statistics: data sets, files, releases."""
