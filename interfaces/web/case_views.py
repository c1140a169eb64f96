"""Case lists: children who may be at risk, by the body that should act, and their export."""

from __future__ import annotations

from dataclasses import astuple, fields

from fastapi import APIRouter, Request, Response

from interfaces.web.access_log import keys_of
from interfaces.web.asking import Form, Looking, Staff, note_view, text_of
from interfaces.web.csv_answers import csv_answer
from interfaces.web.pages import NotHereError, generation_of, show
from register.choices import CASE_LISTS
from register.publishing import (
    BodyCount,
    Generation,
    ListedCase,
    count_by_body,
    read_cases,
)

router = APIRouter()
PAGE = 100
COLUMNS = tuple(field.name for field in fields(ListedCase))


@router.get("/cases")
def bodies(request: Request, visitor: Staff) -> Response:
    """How many cases each body should act on: no child is named."""
    generation = generation_of(request)
    by_body: dict[str, list[BodyCount]] = {}
    for each in _counted(generation):
        by_body.setdefault(each.body_code, []).append(each)
    return show(
        request,
        "case_bodies.html",
        visitor,
        bodies=list(by_body.values()),
        lists=CASE_LISTS,
        generation_id=generation.generation_id,
    )


@router.get("/cases/{body_code}")
def cases_of_body(
    request: Request,
    visitor: Looking,
    body_code: str,
    list_code: str | None = None,
    page: int = 1,
) -> Response:
    """The cases that one body should act on, the oldest first. They name children."""
    generation = generation_of(request)
    chosen = list_code if list_code in CASE_LISTS else None
    found = _cases(generation, body_code, chosen)
    number = max(page, 1)
    shown = found[(number - 1) * PAGE : number * PAGE]
    keys = _keys(body_code, shown)
    note_view(request, visitor, "case_list", generation.generation_id, keys)
    return show(
        request,
        "cases.html",
        visitor,
        cases=shown,
        count=len(found),
        body=found[0] if found else None,
        body_code=body_code,
        lists=CASE_LISTS,
        list_code=chosen,
        page=number,
        page_count=max(1, -(-len(found) // PAGE)),
        generation_id=generation.generation_id,
    )


@router.post("/cases/{body_code}/export")
def export(request: Request, visitor: Looking, form: Form, body_code: str) -> Response:
    """The cases of one body as CSV, for that body alone."""
    generation = generation_of(request)
    list_code = text_of(form, "list_code")
    chosen = list_code if list_code in CASE_LISTS else None
    found = _cases(generation, body_code, chosen)
    if not found:
        raise NotHereError("This body has no such case: there is nothing to export.")
    keys = _keys(body_code, found)
    note_view(request, visitor, "case_list_export", generation.generation_id, keys)
    name = f"{found[0].body_code}-{chosen or 'all'}-{generation.generation_id}.csv"
    return csv_answer(name, COLUMNS, map(astuple, found))


def _counted(generation: Generation) -> list[BodyCount]:
    try:
        return count_by_body(generation)
    except LookupError as error:
        raise NotHereError(str(error)) from None


def _cases(generation: Generation, body_code: str, list_code: str | None) -> list[ListedCase]:
    if body_code not in {each.body_code for each in _counted(generation)}:
        raise NotHereError("No body of this code has a case. Choose one from the list.")
    return read_cases(generation, list_code, body_code)


def _keys(body_code: str, cases: list[ListedCase]) -> tuple[str, ...]:
    return keys_of(
        [body_code],
        (case.child_id_register for case in cases),
        (case.episode_id_register for case in cases),
    )
