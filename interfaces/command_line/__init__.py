"""The command `register`: its commands, options, output and exit codes.

The methods that commands call belong in `register`, `orchestration` or `official_statistics`.
"""

from interfaces.command_line.application import COMMANDS, app

__all__ = ["COMMANDS", "app"]
