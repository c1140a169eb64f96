"""Who needs help: the children of the visitor's areas, an export, and suppliers that are silent."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields

from fastapi import APIRouter, Request, Response

from interfaces.web.authorisation import (
    Form,
    SeesNamesWithPurpose,
    SeesRows,
    list_view_keys,
    read_field,
    record_view,
)
from interfaces.web.csv_responses import build_csv_response
from interfaces.web.pages import NotFoundError, Visitor, find_generation, render_page, slice_page
from register import publishing

router = APIRouter()
PAGE = 100
COLUMNS = tuple(field.name for field in fields(publishing.ListedChild))


@router.get("/help")
def show_children(
    request: Request,
    visitor: SeesNamesWithPurpose,
    area: str = "",
    task: str = "",
    page: int = 1,
) -> Response:
    """Show the children to help in the visitor's areas, most urgent first; the page names them."""
    generation = find_generation(request)
    own = _read_own_children(visitor, generation)
    chosen = _choose_children(own, area, task)
    children, pages = slice_page(chosen, page, PAGE)
    keys = _list_keys(children)
    record_view(request, visitor, "case_list", generation.generation_id, keys)
    return render_page(
        request,
        "help.html",
        visitor,
        children=children,
        as_of_date=own[0].as_of_date if own else None,
        areas=sorted({(child.body_name, child.body_code) for child in own}),
        tasks=Counter((child.task_code, child.task_name) for child in _choose_children(own, area)),
        area=area,
        task=task,
        **pages,
    )


@router.post("/help/export")
def export_children(request: Request, visitor: SeesNamesWithPurpose, form: Form) -> Response:
    """Export the chosen children to help as CSV. The file is only for who can help them."""
    generation = find_generation(request)
    area, task = read_field(form, "area"), read_field(form, "task")
    children = _choose_children(_read_own_children(visitor, generation), area, task)
    if not children:
        raise NotFoundError("The list is empty, so there is nothing to export.")
    keys = _list_keys(children)
    record_view(request, visitor, "case_list_export", generation.generation_id, keys)
    code = children[0].body_code if area else "all"
    name = f"who-needs-help-{code}-{generation.generation_id}.csv"
    return build_csv_response(name, COLUMNS, (child.build_csv_row() for child in children))


@router.get("/suppliers")
def show_silent_suppliers(request: Request, visitor: SeesRows) -> Response:
    """Show the suppliers that did not deliver up to the end of the last period that was due."""
    return render_page(
        request,
        "suppliers.html",
        visitor,
        silences=list_own_silences(visitor, find_generation(request)),
    )


def list_own_silences(
    visitor: Visitor, generation: publishing.Generation
) -> list[publishing.SilentSupplier]:
    """List the silent suppliers whose rows the visitor may see, longest silence first."""
    try:
        silences = publishing.read_silent_suppliers(generation)
    except LookupError as error:
        raise NotFoundError(str(error)) from None
    return [each for each in silences if visitor.access.sees_area("exact", each.supplier_code)]


def _read_own_children(
    visitor: Visitor, generation: publishing.Generation
) -> list[publishing.ListedChild]:
    """Return the children whom authorities and forces of the visitor's grants can help."""
    try:
        children = publishing.read_children(generation)
    except LookupError as error:
        raise NotFoundError(str(error)) from None
    return [each for each in children if visitor.access.sees_area("identity", each.body_code)]


def _choose_children(
    children: list[publishing.ListedChild], area: str, task: str = ""
) -> list[publishing.ListedChild]:
    """Return the children of one area (or all) and one task (or all)."""
    if area and area not in {child.body_code for child in children}:
        raise NotFoundError("No organisation with this code has a task. Choose from the list.")
    return [
        child
        for child in children
        if area in {"", child.body_code} and task in {"", child.task_code}
    ]


def _list_keys(children: list[publishing.ListedChild]) -> tuple[str, ...]:
    return list_view_keys(
        (child.body_code for child in children),
        (child.child_id_register for child in children),
        (child.episode_id_register for child in children),
    )
