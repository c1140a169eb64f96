"""A group whose commands are imported when they are asked for.

A command's module in turn names the methods it uses as lazy modules, so that its `--help` and the
completion of its options import none of those: they cost most of a second.
Old names of commands and options are understood for one release, with a line on standard error
that gives the new ones. What the commands do belongs in their own modules.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Any, ClassVar

import typer
from typer.core import TyperCommand, TyperGroup

# Old words of a command line and the words in their place; the longest that fits is taken.
OLD_COMMANDS = {
    ("changes", "announce"): ("recording-changes", "add"),
    ("changes", "withdraw"): ("recording-changes", "remove"),
    ("changes",): ("recording-changes",),
    ("child",): ("key", "show"),
    ("cases",): ("case-lists",),
    ("review", "agreement"): ("review", "reliability"),
    ("identity", "sample"): ("identity", "clerical-sample"),
    ("audit", "sample"): ("audit", "draw"),
}
OLD_OPTIONS = {"--who": "--by", "--why": "--reason"}


class _LazyModule(ModuleType):
    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self.__name__), name)


def lazy_module(name: str) -> Any:
    """A module that is imported when the first of its names is used.

    For type checkers the same module is imported under TYPE_CHECKING. An import that fails raises
    `ImportError` at that first use.
    """
    return _LazyModule(name)


class LazyGroup(TyperGroup):
    """A group that imports a command when it is asked for, as Click's manual describes.

    A subclass names its `lazy_subcommands`: the module in `commands` and the function or app.
    """

    lazy_subcommands: ClassVar[dict[str, str]] = {}

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        # Typer lists, and suggests for a misspelt one, the names that are registered.
        for name in self.lazy_subcommands:
            self.add_command(TyperCommand(name))

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import a command, or return None where there is none of the name."""
        if cmd_name not in self.lazy_subcommands:
            return None
        module, attribute = self.lazy_subcommands[cmd_name].split(":")
        found = getattr(import_module(f"interfaces.command_line.commands.{module}"), attribute)
        if isinstance(found, typer.Typer):
            group = typer.main.get_group(found)
            group.name = cmd_name
            return group
        app = typer.Typer(add_completion=False)
        app.command(cmd_name)(found)
        return typer.main.get_command(app)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command that the words name, old names included."""
        named, notices = with_new_names(args)
        if notices and not ctx.resilient_parsing:
            typer.echo(
                f"Renamed: {'; '.join(notices)}. The old names are removed in 1.1.0.", err=True
            )
        return super().resolve_command(ctx, named)


def with_new_names(args: list[str]) -> tuple[list[str], list[str]]:
    """Return a command line with new names for old, and what was renamed, in words."""
    notices = []
    found = list(args)
    for old in sorted(OLD_COMMANDS, key=len, reverse=True):
        if tuple(args[: len(old)]) == old:
            new = OLD_COMMANDS[old]
            found = [*new, *args[len(old) :]]
            notices.append(f"`register {' '.join(old)}` is now `register {' '.join(new)}`")
            break
    for place, word in enumerate(found):
        if word == "--":
            break
        option, *value = word.split("=", 1)
        if option in OLD_OPTIONS:
            found[place] = "=".join([OLD_OPTIONS[option], *value])
            notice = f"`{option}` is now `{OLD_OPTIONS[option]}`"
            if notice not in notices:
                notices.append(notice)
    return found, notices
