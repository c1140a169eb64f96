"""A group of commands, each imported only when it is used.

Old names of commands and options work for one release, with a notice on standard error that gives
the new name. The work of commands belongs in `commands`.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, ClassVar

import typer
from typer.core import TyperCommand, TyperGroup

# Renamed commands and options: the old words, and the words that replace them. If several old
# commands match, the longest is used.
OLD_COMMANDS = {
    ("changes", "announce"): ("recording-changes", "add"),
    ("changes", "withdraw"): ("recording-changes", "remove"),
    ("changes",): ("recording-changes",),
    ("child",): ("key", "show"),
    ("cases",): ("case-lists",),
    ("review", "agreement"): ("review", "reliability"),
    ("identity", "sample"): ("identity", "clerical-sample"),
    ("identity", "rekey-decisions"): ("keys", "rotate-pseudonyms"),
    ("audit", "sample"): ("audit", "draw"),
    ("web", "log", "verify"): ("access", "verify"),
    ("web", "log", "show"): ("access", "log"),
    ("web", "log", "restart"): ("access", "restart"),
}
OLD_OPTIONS = {"--who": "--by", "--why": "--reason"}


class LazyGroup(TyperGroup):
    """A group that imports a command when it is used, as Click's manual describes.

    A subclass lists its `lazy_subcommands`: for each command, a module in `commands` and the name
    of its function or Typer app.
    """

    lazy_subcommands: ClassVar[dict[str, str]] = {}

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        # Typer needs the names for the help page and to suggest a name when one is misspelt.
        for name in self.lazy_subcommands:
            self.add_command(TyperCommand(name))

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import and return the command of this name, or None if there is none."""
        if cmd_name not in self.lazy_subcommands:
            return None
        module, attribute = self.lazy_subcommands[cmd_name].split(":")
        command = getattr(import_module(f"interfaces.command_line.commands.{module}"), attribute)
        if isinstance(command, typer.Typer):
            group = typer.main.get_group(command)
            group.name = cmd_name
            return group
        app = typer.Typer(add_completion=False)
        app.command(cmd_name)(command)
        return typer.main.get_command(app)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command that the arguments name, even by an old name."""
        words, notices = replace_old_names(args)
        if notices and not ctx.resilient_parsing:
            typer.echo(
                f"Renamed: {'; '.join(notices)}. The old names are removed in 1.1.0.", err=True
            )
        return super().resolve_command(ctx, words)


def replace_old_names(args: list[str]) -> tuple[list[str], list[str]]:
    """Replace old names in a command line, and return it with a notice about each replacement."""
    notices = []
    words = list(args)
    for old in sorted(OLD_COMMANDS, key=len, reverse=True):
        if tuple(args[: len(old)]) == old:
            new = OLD_COMMANDS[old]
            words = [*new, *args[len(old) :]]
            notices.append(f"`register {' '.join(old)}` is now `register {' '.join(new)}`")
            break
    for place, word in enumerate(words):
        if word == "--":
            break
        option, *value = word.split("=", 1)
        if option in OLD_OPTIONS:
            words[place] = "=".join([OLD_OPTIONS[option], *value])
            notice = f"`{option}` is now `{OLD_OPTIONS[option]}`"
            if notice not in notices:
                notices.append(notice)
    return words, notices
