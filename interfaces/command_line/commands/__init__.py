"""Modules of the commands of `register`, each with its options, output and exit codes.

Code that several commands share belongs in `interfaces.command_line.console`.
"""
