"""Readers: a file's bytes to a table of texts, record by physical record.

A reader knows the form (CSV, workbook, XML, statistics) and nothing of what columns mean; that
is `register.feeds.normalising`.
"""
