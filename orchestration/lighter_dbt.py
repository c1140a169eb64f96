"""dbt with less work beside what it is asked for: nothing that is logged or compiled changes.

By profiles of builds, more than a third of one was spent on what nobody uses:

- a message of every debug event, first of its fields, then in JSON, before a logger drops it;
- the whole SQL of a model parsed for the `with` that it begins with;
- every name that is selected or left out compared with every part of every node's path;
- the macros of the project sorted by package for each context of a node, and each of them made
  again at each call;
- the manifest written when a build begins and when it ends: it was written when it was parsed.

Each function here stands in for one of dbt's and is held to it in tests/orchestration. What
`register-dbt` is as a process belongs in `dbt_process`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from dbt_common.events.base_types import BaseEvent, EventLevel
from dbt_common.events.event_manager import EventManager

UNLOGGED = frozenset({EventLevel.DEBUG, EventLevel.TEST})
# Where an event keeps its message and, until that is made, its fields.
MESSAGE, FIELDS = "pb_msg", "fields_given"
# Blanks and comments, then the `with` of a query.
OPENING = re.compile(
    r"(?:\s|--[^\n]*\n|/\*.*?\*/)*with\b(?:\s+recursive\b)?\s*", re.IGNORECASE | re.DOTALL
)
# A selection that can only be the name of a node or of the project: no wildcard, no path.
PLAIN_NAME = re.compile(r"\w+")
# The command of dbt that builds: what it builds was parsed before.
BUILD = "build"
# Where what calls a macro in one context keeps it.
MADE = "made_macro"


class LevelledEventManager(EventManager):
    """dbt's event manager, which makes no message of a debug event that no logger takes."""

    def fire_event(
        self,
        e: BaseEvent,
        level: EventLevel | None = None,
        node: Any = None,
        force_warn_or_error_handling: bool = False,
    ) -> None:
        """Pass an event on, unless it is a debug event and every logger is above that level.

        dbt's own callback takes warnings alone.
        """
        is_unlogged = (level or e.level_tag()) in UNLOGGED and not self._logs_debug()
        if is_unlogged and not force_warn_or_error_handling:
            return
        super().fire_event(e, level, node, force_warn_or_error_handling)

    def _logs_debug(self) -> bool:
        return any(logger.level in UNLOGGED for logger in self.loggers)


class LateMessage:
    """The message of an event, made of its fields when it is first asked for."""

    def __init__(self, make: Callable[..., None]) -> None:
        self._make = make

    def __get__(self, event: BaseEvent, owner: type | None = None) -> Any:
        """The message; `make`, the event's own constructor, sets it."""
        if MESSAGE not in event.__dict__:
            arguments, fields = event.__dict__[FIELDS]
            self._make(event, *arguments, **fields)
        return event.__dict__[MESSAGE]

    def __set__(self, event: BaseEvent, message: Any) -> None:
        """Keep a message that was made."""
        event.__dict__[MESSAGE] = message


def make_messages_late() -> None:
    """Have events keep their fields and make their message once somebody reads it."""

    def keep_fields(event: BaseEvent, *arguments: Any, **fields: Any) -> None:
        event.__dict__[FIELDS] = arguments, fields

    if not isinstance(BaseEvent.__dict__.get(MESSAGE), LateMessage):
        setattr(BaseEvent, MESSAGE, LateMessage(BaseEvent.__init__))
        setattr(BaseEvent, "__init__", keep_fields)  # noqa: B010 mypy refuses the assignment


def inject_after_with(inject: Callable[[str, list[Any]], str]) -> Callable[[str, list[Any]], str]:
    """`inject`, dbt's own way to put ephemeral models before a query, without parsing the query.

    The text is the same. A query that does not begin with a `with` is left to dbt.
    """

    def inject_quickly(sql: str, ctes: list[Any]) -> str:
        opening = OPENING.match(sql)
        if not ctes or opening is None:
            return inject(sql, ctes)
        end = opening.end()
        return f"{sql[:end]}{', '.join(cte.sql for cte in ctes)}, {sql[end:]}"

    return inject_quickly


def match_plain_names(
    is_selected: Callable[[list[str], str, bool], bool],
) -> Callable[[list[str], str, bool], bool]:
    """`is_selected`, dbt's own comparison of a node with a selection, quick for a plain name.

    Such a name is the last part of a node's path, or the first. What is versioned is left to dbt.
    """

    def is_selected_quickly(path: list[str], selection: str, is_versioned: bool) -> bool:
        if is_versioned or not PLAIN_NAME.fullmatch(selection):
            return is_selected(path, selection, is_versioned)
        return path[-1] == selection or path[0].split(".", maxsplit=1)[0] == selection

    return is_selected_quickly


def make_once(make: Callable[[Any], Callable[..., Any]]) -> Callable[[Any], Callable[..., Any]]:
    """`make`, dbt's own way from a `BaseMacroGenerator` to its macro, once for each of them.

    It is of one macro in the context of one node: made again, it would be the same.
    """

    def find(caller: Any) -> Callable[..., Any]:
        made: Callable[..., Any] | None = caller.__dict__.get(MADE)
        if made is None:
            made = caller.__dict__[MADE] = make(caller)
        return made

    return find


class NamedMacros(dict[str, Any]):
    """The macros of a context by the names that it calls them by; `packages` has them by package.

    Of two of one name the node's own package comes first, then the project, then dbt's packages.
    """

    def __init__(
        self,
        packages: dict[str, dict[str, Any]],
        own: tuple[str, str],
        internal: list[str],
    ) -> None:
        """`own` are the project and the package of the node; `internal` dbt's, the first first."""
        project, package = own
        self.of_dbt: dict[str, Any] = {}
        for name in reversed(internal):
            self.of_dbt.update(packages.pop(name, {}))
        self.packages = packages
        super().__init__(self.of_dbt)
        self["dbt"] = self.of_dbt
        self.update(packages)
        self.update(packages.get(project, {}))
        self.update(packages.get(package, {}))

    def get_from_package(self, package: str | None, name: str) -> Any | None:
        """A macro by its package, or None; raises dbt's error where there is no such package."""
        from dbt.exceptions import PackageNotFoundForMacroError

        if package is None:
            return self.get(name)
        if package == "dbt":
            return self.of_dbt.get(name)
        if package not in self.packages:
            raise PackageNotFoundForMacroError(package)
        return self.packages[package].get(name)


def name_macros(
    builder: Any, macros_by_package: dict[str, dict[str, Any]], context: dict[str, Any]
) -> NamedMacros:
    """What dbt's `MacroNamespaceBuilder` builds, each macro looked at once."""
    from dbt.clients.jinja import MacroGenerator

    node, stack = builder.node, builder.thread_ctx
    packages = {
        package: {
            name: MacroGenerator(macro, context, node, stack) for name, macro in macros.items()
        }
        for package, macros in macros_by_package.items()
    }
    own = builder.root_package, builder.search_package
    return NamedMacros(packages, own, builder.internal_package_names_order)


def lighten(arguments: list[str]) -> None:
    """Have this process do without all of it; `arguments` are those that dbt was called with."""
    from dbt import compilation
    from dbt.context import macros
    from dbt.graph import selector_methods
    from dbt.parser import manifest
    from dbt.task import runnable
    from dbt_common.clients import jinja

    for place, name, function in [
        (compilation, "inject_ctes_into_sql", inject_after_with(compilation.inject_ctes_into_sql)),
        (
            selector_methods,
            "is_selected_node",
            match_plain_names(selector_methods.is_selected_node),
        ),
        (jinja.BaseMacroGenerator, "get_macro", make_once(jinja.BaseMacroGenerator.get_macro)),
        (macros.MacroNamespaceBuilder, "build_namespace", name_macros),
    ]:
        setattr(place, name, function)
    if BUILD in arguments:
        for place in (manifest, runnable):
            setattr(place, "write_manifest", write_nothing)  # noqa: B010 mypy refuses to assign


def write_nothing(*_: object, **__: object) -> None:
    """Write no manifest: a build reads the one that was parsed, and so do all who look at it."""
