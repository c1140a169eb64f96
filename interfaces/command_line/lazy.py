"""A group whose commands are imported when they run: a list of commands imports none of them.

A command's module in turn names the methods it uses as lazy modules, so that its `--help` and the
completion of its options import none of those: they cost most of a second.
Old names of commands and options are understood for one release, with a line on standard error
that gives the new ones. What the commands do belongs in their own modules.
"""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(frozen=True)
class Place:
    """Where a command is: its module in `commands`, and its function or its app."""

    module: str
    attribute: str
    help: str

    def command(self, name: str) -> Any:
        """Import the command."""
        module = import_module(f"interfaces.command_line.commands.{self.module}")
        found = getattr(module, self.attribute)
        command: Any
        if isinstance(found, typer.Typer):
            command = typer.main.get_group(found)
        else:
            app = typer.Typer(add_completion=False)
            app.command(name)(found)
            command = typer.main.get_command(app)
        command.name = name
        return command


class LazyCommand(TyperCommand):
    """A command that is known by its line of help, and imported when it runs."""

    def __init__(self, name: str, place: Place) -> None:
        super().__init__(name, help=place.help)
        self._place = place

    def whole(self) -> Any:
        """Import the command itself, with its arguments and options."""
        return self._place.command(str(self.name))

    def make_context(self, info_name: str | None, args: list[str], *more: Any, **extra: Any) -> Any:
        """Make the context of the command itself."""
        return self.whole().make_context(info_name, args, *more, **extra)


class LazyGroup(TyperGroup):
    """A group of lazy commands; a subclass names its `places`."""

    places: ClassVar[dict[str, Place]] = {}

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for name, place in self.places.items():
            self.add_command(LazyCommand(name, place))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command that the words name, old names included."""
        named, notices = with_new_names(args)
        if notices and not ctx.resilient_parsing:
            typer.echo(
                f"Renamed: {'; '.join(notices)}. The old names go in a later release.", err=True
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
