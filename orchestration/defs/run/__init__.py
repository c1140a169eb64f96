"""Jobs, their triggers and options, and the advice after a failed run.

Assets belong in the other packages of `orchestration.defs`.
"""
