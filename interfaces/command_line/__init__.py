"""The command line `register …`.

`application` lists the commands and imports one when it is asked for. Each command is a module of
`commands`; `console` has what they share: exit codes, output and messages.
"""

from interfaces.command_line.application import COMMANDS, app

__all__ = ["COMMANDS", "app"]
