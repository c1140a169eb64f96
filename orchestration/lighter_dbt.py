"""dbt with less work beside what it is asked for: nothing that is logged or compiled changes.

By profiles of builds, more than a third of one was spent on what nobody uses:

- a message of every debug event, first of its fields, then in JSON, before a logger drops it;
- the whole SQL of a model parsed for the `with` that it begins with;
- every name that is selected or left out compared with every part of every node's path;
- an object for each macro of the project in each context of a node, of which a node calls some
  dozen, and each of these made again at each call;
- the manifest written when a build begins and when it ends: it was written when it was parsed;
- what was parsed for one home parsed again for the next (`parsed_project`).

Each function here stands in for one of dbt's and is held to it in tests/orchestration. What
`register-dbt` is as a process belongs in `dbt_process`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, KeysView, Mapping
from typing import Any

from dbt_common.events.base_types import BaseEvent, EventLevel
from dbt_common.events.event_manager import EventManager

from orchestration.parsed_project import hash_without_home, read_shared, write_shared

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


def keep_type_testers(build: Callable[..., Any]) -> Callable[..., Any]:
    """`build`, dbt's own way to what finds the types of a result's columns, once for each columns.

    Each has a parser of dates in every language of it, and is not changed by what it is asked.
    """
    kept: dict[Any, Any] = {}

    def build_once(text_columns: Iterable[str], string_null_values: Any = ("null", "")) -> Any:
        asked = tuple(text_columns), string_null_values
        if asked not in kept:
            kept[asked] = build(*asked)
        return kept[asked]

    return build_once


class CalledMacros(dict[str, Any]):
    """Macros by name, or by package and name: each made to be called when it is first asked for.

    `macros` has a macro, or the macros of a package, by name; `make` makes what calls one.
    """

    def __init__(self, macros: Mapping[str, Any], make: Callable[[Any], Any]) -> None:
        super().__init__()
        self.macros = macros
        self._make = make

    def __missing__(self, name: str) -> Any:
        """What calls the macro of a name. Raises `KeyError` where there is none."""
        macro = self.macros[name]
        is_package = isinstance(macro, Mapping)
        made = self[name] = CalledMacros(macro, self._make) if is_package else self._make(macro)
        return made

    def __contains__(self, name: object) -> bool:
        """Whether there is a macro, or a package, of a name."""
        return name in self.macros

    def get(self, name: str, default: Any = None) -> Any:
        """What calls the macro of a name, or `default`."""
        return self[name] if name in self else default  # noqa: SIM401 it is `get`


class NamedMacros(CalledMacros):
    """The macros of a project by the names that a template calls them by."""

    def __init__(
        self,
        macros: Mapping[str, Any],
        packages: Mapping[str, Mapping[str, Any]],
        make: Callable[[Any], Any],
    ) -> None:
        super().__init__(macros, make)
        self._packages = CalledMacros(packages, make)

    def get_from_package(self, package: str | None, name: str) -> Any | None:
        """A macro of a package, or None; raises dbt's error where there is no such package."""
        from dbt.exceptions import PackageNotFoundForMacroError

        if package is None:
            return self.get(name)
        if package not in self._packages:
            raise PackageNotFoundForMacroError(package)
        return self._packages[package].get(name)


class NodeContext(dict[str, Any]):
    """What the templates of a node can name; a macro is in it once it was asked for.

    Who copies it (Jinja's native templates do) has all its macros made.
    """

    def __init__(self) -> None:
        super().__init__()
        self.called = CalledMacros({}, lambda macro: macro)

    def __iter__(self) -> Iterator[str]:
        """All that can be named."""
        return iter({**dict.fromkeys(super().keys()), **dict.fromkeys(self.called.macros)})

    def keys(self) -> KeysView[str]:  # type: ignore[override]
        """All that can be named."""
        return KeysView(self)

    def __len__(self) -> int:
        """How many can be named."""
        return sum(1 for _ in self)

    def __missing__(self, name: str) -> Any:
        """A macro that was not asked for before. Raises `KeyError` where there is none."""
        return self.called[name]

    def __contains__(self, name: object) -> bool:
        """Whether a template can name it."""
        return super().__contains__(name) or name in self.called

    def get(self, name: str, default: Any = None) -> Any:
        """What a template names, or `default`."""
        return self[name] if name in self else default  # noqa: SIM401 it is `get`


def name_macros(
    builder: Any, macros_by_package: dict[str, dict[str, Any]], context: dict[str, Any]
) -> NamedMacros:
    """What dbt's `MacroNamespaceBuilder` builds, without an object for each macro.

    `context` calls them too, if it is a `NodeContext`.
    """
    from dbt.clients.jinja import MacroGenerator

    # Of two of one name the last counts: dbt's, then a package, the project's, the node's own.
    of_dbt: dict[str, Any] = {}
    for package in reversed(builder.internal_package_names_order):
        of_dbt |= macros_by_package.get(package, {})
    others = {
        package: macros
        for package, macros in macros_by_package.items()
        if package not in builder.internal_package_names
    }
    project, own = (others.get(name, {}) for name in (builder.root_package, builder.search_package))
    named_dbt = {"dbt": of_dbt}
    flat = of_dbt | named_dbt | others | project | own
    node, stack = builder.node, builder.thread_ctx
    named = NamedMacros(
        flat, others | named_dbt, lambda macro: MacroGenerator(macro, context, node, stack)
    )
    if isinstance(context, NodeContext):
        context.called = named
    return named


def call_by_name(to_dict: Callable[[Any], dict[str, Any]]) -> Callable[[Any], dict[str, Any]]:
    """`to_dict`, dbt's own way to fill a context, where macros are called by `NodeContext`.

    A macro that has the name of something else in a context is called in its place, as in dbt.
    """

    def fill(context: Any) -> dict[str, Any]:
        filled = to_dict(context)
        if isinstance(context.namespace, CalledMacros):
            for name in context.namespace.macros.keys() & dict.keys(filled):
                filled[name] = context.namespace[name]
        return filled

    return fill


def begin_with_node_context(begin: Callable[..., None]) -> Callable[..., None]:
    """`begin`, the constructor of dbt's contexts, for one that is filled into a `NodeContext`."""

    def begin_so(context: Any, *arguments: Any, **named: Any) -> None:
        begin(context, *arguments, **named)
        context._ctx = NodeContext()

    return begin_so


def lighten(arguments: list[str]) -> None:
    """Have this process do without all of it; `arguments` are those that dbt was called with."""
    from dbt import compilation
    from dbt.context import base, macros
    from dbt.context import manifest as contexts
    from dbt.graph import selector_methods
    from dbt.parser import manifest
    from dbt.task import runnable
    from dbt_common.clients import agate_helper, jinja

    replaced: list[tuple[Any, str, Callable[[Any], Any]]] = [
        (compilation, "inject_ctes_into_sql", inject_after_with),
        (selector_methods, "is_selected_node", match_plain_names),
        (agate_helper, "build_type_tester", keep_type_testers),
        (jinja.BaseMacroGenerator, "get_macro", make_once),
        (base.BaseContext, "__init__", begin_with_node_context),
        (contexts.ManifestContext, "to_dict", call_by_name),
        (macros.MacroNamespaceBuilder, "build_namespace", lambda _: name_macros),
        (manifest.ManifestLoader, "build_manifest_state_check", hash_without_home),
        (manifest.ManifestLoader, "read_manifest_for_partial_parse", read_shared),
        (manifest.ManifestLoader, "write_manifest_for_partial_parse", write_shared),
    ]
    if BUILD in arguments:
        replaced += [
            (place, "write_manifest", lambda _: write_nothing) for place in (manifest, runnable)
        ]
    for place, name, lighter in replaced:
        setattr(place, name, lighter(getattr(place, name)))


def write_nothing(*_: object, **__: object) -> None:
    """Write no manifest: a build reads the one that was parsed, and so do all who look at it."""
