"""Case lists: children who may be at risk, by the organisation that should act, and an export."""

from __future__ import annotations

from dataclasses import astuple, fields

from fastapi import APIRouter, Request, Response

from interfaces.web.authorisation import (
    Form,
    SeesNames,
    SeesNamesWithPurpose,
    list_view_keys,
    read_field,
    record_view,
)
from interfaces.web.csv_responses import build_csv_response
from interfaces.web.pages import NotFoundError, Visitor, find_generation, render_page
from register import publishing
from register.choices import CASE_LISTS

router = APIRouter()
PAGE = 100
COLUMNS = tuple(field.name for field in fields(publishing.ListedCase))


@router.get("/cases")
def show_bodies(request: Request, visitor: SeesNames) -> Response:
    """Show the number of cases of each police force and local authority, without names."""
    generation = find_generation(request)
    by_body: dict[str, list[publishing.BodyCount]] = {}
    for each in _count_by_body(visitor, generation):
        by_body.setdefault(each.body_code, []).append(each)
    return render_page(
        request,
        "case_bodies.html",
        visitor,
        bodies=list(by_body.values()),
        lists=CASE_LISTS,
        generation_id=generation.generation_id,
    )


@router.get("/cases/{body_code}")
def show_cases(
    request: Request,
    visitor: SeesNamesWithPurpose,
    body_code: str,
    list_code: str | None = None,
    page: int = 1,
) -> Response:
    """Show the cases of one police force or authority, oldest first; the page names children."""
    generation = find_generation(request)
    chosen_list = list_code if list_code in CASE_LISTS else None
    cases = _read_cases(visitor, generation, body_code, chosen_list)
    number = max(page, 1)
    page_cases = cases[(number - 1) * PAGE : number * PAGE]
    keys = _list_keys(body_code, page_cases)
    record_view(request, visitor, "case_list", generation.generation_id, keys)
    return render_page(
        request,
        "cases.html",
        visitor,
        cases=page_cases,
        count=len(cases),
        body=cases[0] if cases else None,
        body_code=body_code,
        lists=CASE_LISTS,
        list_code=chosen_list,
        page=number,
        page_count=max(1, -(-len(cases) // PAGE)),
        generation_id=generation.generation_id,
    )


@router.post("/cases/{body_code}/export")
def export_cases(
    request: Request, visitor: SeesNamesWithPurpose, form: Form, body_code: str
) -> Response:
    """Export, as CSV, the cases on which one police force or authority should act.

    The file is only for that organisation.
    """
    generation = find_generation(request)
    list_code = read_field(form, "list_code")
    chosen_list = list_code if list_code in CASE_LISTS else None
    cases = _read_cases(visitor, generation, body_code, chosen_list)
    if not cases:
        raise NotFoundError("The list has no case, so there is nothing to export.")
    keys = _list_keys(body_code, cases)
    record_view(request, visitor, "case_list_export", generation.generation_id, keys)
    name = f"{cases[0].body_code}-{chosen_list or 'all'}-{generation.generation_id}.csv"
    return build_csv_response(name, COLUMNS, map(astuple, cases))


def _count_by_body(
    visitor: Visitor, generation: publishing.Generation
) -> list[publishing.BodyCount]:
    """Count the cases of the forces and authorities whose children the visitor may see."""
    try:
        counts = publishing.count_by_body(generation)
    except LookupError as error:
        raise NotFoundError(str(error)) from None
    return [each for each in counts if visitor.access.sees_area("identity", each.body_code)]


def _read_cases(
    visitor: Visitor, generation: publishing.Generation, body_code: str, list_code: str | None
) -> list[publishing.ListedCase]:
    if body_code not in {each.body_code for each in _count_by_body(visitor, generation)}:
        raise NotFoundError("Nobody with this code has a case. Choose from the list.")
    return publishing.read_cases(generation, list_code, body_code)


def _list_keys(body_code: str, cases: list[publishing.ListedCase]) -> tuple[str, ...]:
    return list_view_keys(
        [body_code],
        (case.child_id_register for case in cases),
        (case.episode_id_register for case in cases),
    )
