"""dbt with less work beside it: what is logged, compiled and selected is dbt's own."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from dbt.adapters.events.types import ConnectionReused
from dbt.clients.jinja import MacroGenerator, MacroStack
from dbt.compilation import InjectedCTE, inject_ctes_into_sql
from dbt.context.macros import MacroNamespaceBuilder
from dbt.events.types import NoNodesForSelectionCriteria
from dbt.exceptions import PackageNotFoundForMacroError
from dbt.graph.selector_methods import is_selected_node
from dbt_common.clients.agate_helper import build_type_tester
from dbt_common.events.base_types import BaseEvent, EventLevel
from dbt_common.exceptions.events import EventCompilationError

from orchestration.lighter_dbt import (
    CalledMacros,
    LevelledEventManager,
    NodeContext,
    begin_with_node_context,
    call_by_name,
    inject_after_with,
    keep_type_testers,
    make_messages_late,
    make_once,
    match_plain_names,
    name_macros,
)

DEBUG = ConnectionReused(conn_name="debug")
WARNING = NoNodesForSelectionCriteria(spec_raw="warning")


class _Logger:
    def __init__(self, level: EventLevel) -> None:
        self.level = level
        self.filter = lambda message: True
        self.written: list[str] = []

    def write_line(self, message: SimpleNamespace) -> None:
        self.written.append(message.info.level)


@pytest.mark.parametrize(
    ("level", "written"),
    [(EventLevel.INFO, ["warn"]), (EventLevel.DEBUG, ["debug", "warn"])],
)
def test_a_message_is_made_if_a_logger_takes_it(level: EventLevel, written: list[str]) -> None:
    """Prevents a warning from being lost, and a debug log from being empty when it is asked for."""
    manager, logger = LevelledEventManager(), _Logger(level)
    manager.loggers.append(logger)  # type: ignore[arg-type]
    manager.fire_event(DEBUG)
    manager.fire_event(WARNING)
    assert logger.written == written


def test_a_debug_event_raised_to_a_warning_is_written() -> None:
    """Prevents losing what dbt says at another level than the event's own."""
    manager, logger = LevelledEventManager(), _Logger(EventLevel.INFO)
    manager.loggers.append(logger)  # type: ignore[arg-type]
    manager.fire_event(DEBUG, level=EventLevel.WARN)
    assert logger.written == ["warn"]


def test_a_debug_event_that_must_be_an_error_is_one() -> None:
    """Prevents `--warn-error` from passing over what dbt asks to be judged."""
    manager = LevelledEventManager()
    manager.warn_error = True
    with pytest.raises(EventCompilationError):
        manager.fire_event(DEBUG, force_warn_or_error_handling=True)


@pytest.fixture
def late(monkeypatch: pytest.MonkeyPatch) -> None:
    """Events as dbt's process has them, for one test."""
    monkeypatch.setattr(BaseEvent, "__init__", BaseEvent.__init__)
    monkeypatch.setattr(BaseEvent, "pb_msg", None, raising=False)
    make_messages_late()


@pytest.mark.usefixtures("late")
def test_a_late_message_says_what_an_early_one_said() -> None:
    """Prevents a field of an event from being lost between its making and its logging."""
    event = NoNodesForSelectionCriteria(spec_raw="warning")
    assert "pb_msg" not in event.__dict__
    assert event.to_json() == WARNING.to_json()
    assert event.spec_raw == "warning"
    event.spec_raw = "another"
    assert event.to_dict() == {"spec_raw": "another"}


@pytest.mark.usefixtures("late")
def test_a_late_message_of_wrong_fields_still_is_one() -> None:
    """Prevents a load from ending by an event whose fields dbt itself passes over."""
    with pytest.raises(Exception, match="Unable to parse logging event"):
        NoNodesForSelectionCriteria(no_such_field=1).to_json()


@pytest.mark.parametrize(
    "sql",
    [
        "with a as (select 1) select * from a",
        "\n\n-- with a comment\n/* with\nanother */ WITH\na as (select 1)\nselect * from a",
        "with recursive a as (select 1) select * from a",
        "with\n\nrecursive\n a as (select 1) select * from a",
        "with/* a comment */ a as (select 1) select * from a",
        "with recursively as (select 1) select * from recursively",
        "select 1",
        "without_a",
        "-- with",
        "(with a as (select 1) select * from a)",
        "",
    ],
)
@pytest.mark.parametrize("count", [0, 1, 2])
def test_ephemeral_models_are_put_where_dbt_puts_them(sql: str, count: int) -> None:
    """Prevents a query that differs from the one that dbt itself compiles."""
    ctes = [
        InjectedCTE(id=f"{n}", sql=f" __dbt__cte__{n} as (\nselect {n}\n)") for n in range(count)
    ]
    if not sql and ctes:
        return
    assert inject_after_with(inject_ctes_into_sql)(sql, ctes) == inject_ctes_into_sql(sql, ctes)


def test_a_query_that_begins_with_a_with_is_not_parsed() -> None:
    """Prevents the work that this is to spare."""

    def refuse(sql: str, ctes: list[InjectedCTE]) -> str:
        raise AssertionError(sql, ctes)

    cte = InjectedCTE(id="a", sql=" a as (select 1)")
    assert inject_after_with(refuse)("with b as (select 2)", [cte]) == (
        "with  a as (select 1), b as (select 2)"
    )


@pytest.mark.parametrize(
    "path",
    [
        ["register", "staging", "reports"],
        ["register", "reports.yml", "not_null"],
        ["reports", "marts", "children"],
        ["reports.v2", "children"],
        ["children"],
        ["register", "reports", "v2"],
    ],
)
@pytest.mark.parametrize(
    "selection", ["reports", "register", "children", "v2", "staging", "report", "re*", "a.reports"]
)
@pytest.mark.parametrize("is_versioned", [False, True])
def test_a_name_selects_what_dbt_selects(
    path: list[str], selection: str, is_versioned: bool
) -> None:
    """Prevents a node that is built, or left out, where dbt itself would not."""
    if is_versioned and len(path) == 1:
        return
    quick = match_plain_names(is_selected_node)
    expected = is_selected_node(path, selection, is_versioned)
    assert quick(path, selection, is_versioned) == expected


PACKAGES = ("dbt", "dbt_duckdb", "national_register", "tools")


def _macros(**named: str) -> dict[str, dict[str, Any]]:
    return {
        package: {
            name: SimpleNamespace(
                name=name, package_name=package, unique_id=f"macro.{package}.{name}",
                macro_sql=f"{{% macro {name}() %}}{package}{{% endmacro %}}",
            )
            for name in names.split()
        }
        for package, names in named.items()
    }  # fmt: skip


@pytest.mark.parametrize("package", ["national_register", "tools", "dbt"])
def test_a_name_calls_the_macro_that_dbt_calls(package: str) -> None:
    """Prevents a macro of another package, where two have one name or one has a package's name."""
    macros = _macros(
        dbt="everywhere adapters of_dbt",
        dbt_duckdb="everywhere adapters",
        national_register="everywhere ours tools",
        tools="everywhere ours theirs of_dbt",
    )
    builder = MacroNamespaceBuilder(
        "national_register", package, MacroStack(), ["dbt_duckdb", "dbt"]
    )
    quick = name_macros(builder, macros, {})
    whole = builder.build_namespace(macros, {})
    assert quick.macros.keys() == set(whole)
    for name, called in whole.items():
        assert _told(quick[name]) == _told(called), name
    for of in (None, "dbt", "tools", "national_register"):
        for name in ("everywhere", "ours", "theirs", "of_dbt", "adapters", "no_such"):
            assert _told(quick.get_from_package(of, name)) == _told(
                whole.get_from_package(of, name)
            ), (of, name)
    with pytest.raises(PackageNotFoundForMacroError):
        quick.get_from_package("no_such", "everywhere")


def _told(called: Any) -> Any:
    """What is called: the id of a macro, or those of a package by name."""
    if isinstance(called, dict):
        names = called.macros if isinstance(called, CalledMacros) else called
        return {name: _told(called[name]) for name in names}
    return called and called.macro.unique_id


def test_a_macro_is_made_once_and_reads_its_context_as_it_is_at_the_call() -> None:
    """Prevents a macro from reading what a node's context held at an earlier call."""
    made: list[str] = []

    def make(caller: MacroGenerator) -> Any:
        made.append(caller.get_name())
        return MacroGenerator.get_macro(caller)

    context = {"word": "first"}
    macro = SimpleNamespace(
        name="said",
        macro_sql="{% macro said() %}{{ word }}{% for _ in range(1) %}!{% endfor %}{% endmacro %}",
        unique_id="macro.a.said",
        package_name="a",
    )
    caller, other = MacroGenerator(macro, context), MacroGenerator(macro, {"word": "other"})
    find = make_once(make)
    assert find(caller)() == "first!"
    context["word"] = "second"
    assert find(caller)() == "second!"
    assert find(other)() == "other!"
    assert made == ["said", "said"]


def test_a_context_calls_macros_by_name_and_in_place_of_what_has_their_name() -> None:
    """Prevents a macro of the project from being passed over for a word of dbt's own."""
    macros = _macros(dbt="everywhere", national_register="ref ours")
    builder = MacroNamespaceBuilder("national_register", "national_register", MacroStack(), ["dbt"])
    begun = SimpleNamespace()
    begin_with_node_context(lambda context: None)(begun)
    begun.namespace = name_macros(builder, macros, begun._ctx)

    def to_dict(context: SimpleNamespace) -> dict[str, Any]:
        context._ctx |= {"ref": "dbt's own", "config": "dbt's own"} | context.namespace
        return context._ctx

    filled = call_by_name(to_dict)(begun)
    assert isinstance(filled, NodeContext)
    assert _told(filled["ref"]) == "macro.national_register.ref"
    assert _told(filled.get("ours")) == "macro.national_register.ours"
    assert _told(filled["dbt"]["everywhere"]) == "macro.dbt.everywhere"
    assert filled["config"] == "dbt's own"
    assert filled["ours"] is filled["ours"], "made once"
    assert "everywhere" in filled
    assert set(filled) == {"ref", "config", "ours", "everywhere", "dbt", "national_register"}
    assert _told(dict(**filled)["everywhere"]) == "macro.dbt.everywhere", "in a copy too"
    assert "no_such" not in filled
    assert filled.get("no_such", 1) == 1
    with pytest.raises(KeyError):
        filled["no_such"]


def test_a_type_tester_is_made_once_and_finds_what_dbts_own_finds() -> None:
    """Prevents a column of a result that is a number in one query and a text in the next."""
    made: list[tuple[str, ...]] = []

    def build(text_columns: tuple[str, ...], string_null_values: tuple[str, ...]) -> Any:
        made.append(text_columns)
        return build_type_tester(text_columns, string_null_values)

    kept = keep_type_testers(build)
    rows = [["1", "1", "2026-01-31", "null", ""], ["2", "x", "2026-02-28", "true", ""]]
    names = ["number", "mixed", "day", "truth", "nothing"]
    for texts, nulls in (((), ("null", "")), (("number",), ("null", "")), (("number",), ())):
        own = build_type_tester(texts, nulls).run(rows, names)
        for _ in range(2):
            found = kept(iter(texts), nulls).run(rows, names)
            assert [type(each) for each in found] == [type(each) for each in own]
            assert [each.null_values for each in found] == [each.null_values for each in own]
    assert made == [(), ("number",), ("number",)]
