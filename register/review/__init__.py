"""Review: people look at pairs of records, judge them, decide on them, and ask why.

Everything is read from the published case lists and written to append-only files of decisions. How
pairs are found and weighed belongs in `register.identity`; what a decision does to the register, in
the warehouse.
"""
