"""One module for each command of `register`: its options, its output and its exit codes.

What several commands share belongs in `interfaces.command_line.console`.
"""
