"""A home with invented children of two authorities, and a browser for each kind of visitor.

`OWN` is the authority that visitors are granted, `FOREIGN` is another. Each has children on a case
list, a pair for review, deliveries, an outbox, audit cases, and pages of the quality site.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

import duckdb
from starlette.routing import Mount

from interfaces.web import add_account, create_app, read_accounts
from interfaces.web.api_app import PATH as API_PATH
from interfaces.web.sessions import create_session
from register.access_grants import decide_grant
from register.audit import draw_sample, read_frame, write_worksheets
from register.choices import Level
from register.feeds import read_ledger, write_entry
from register.home import prepare_home
from register.publishing import current_generation
from register.settings import Settings, load_settings
from tests.expectations.conftest import GENERATION_ID, put_generation
from tests.publishing.builds import DELIVERY_ID, land_delivery
from tests.publishing.listed_children import CHILD, write_children
from tests.review.cases import child_id, mention_id, pair_id, write_case_lists
from tests.web.browsing import Browser

OWN, FOREIGN, OTHER = "373", "213", "383"
OWN_FORCE, FOREIGN_FORCE = "E23000011", "E23000001"
NAMES = {OWN: "Ownsurname-Invented", FOREIGN: "Foreignsurname-Invented"}
# Records 7 and 8 are of the own authority; all others are of the foreign one or of the police.
PAIRS = {OWN: pair_id("7", "8"), FOREIGN: pair_id("1", "5")}
CHILDREN = {OWN: child_id("8"), FOREIGN: child_id("6")}
OUTBOX_FILE = f"{GENERATION_ID}.csv"
# Columns of a real generation that the invented one lacks.
CHANGES = (
    "update register.fct_episodes set authority_code_dfe = placing_authority_code_dfe",
    "alter table agreement.fct_agreement add column report_id_register varchar",
    "alter table register.dim_placements add column host_authority_code_dfe varchar",
)


def delivery_id(area: str) -> str:
    """The id of the delivery of an area."""
    return f"authority_extract-{area}-2026-Q1-0123456789ab"


# Each kind of visitor: the level and the area of the grant; None is a visitor without a grant.
ROLES: dict[str, tuple[Level, str] | None] = {
    "no_grant": None,
    "aggregate": ("aggregate", OWN),
    "coarse": ("coarse", OWN),
    "exact": ("exact", OWN),
    "identity_own": ("identity", OWN),
    "identity_foreign": ("identity", OTHER),
    "identity_all": ("identity", "all"),
}


@dataclass(frozen=True)
class AreaHome:
    """The home, its application, the id of its audit sample, and its cases by area."""

    settings: Settings
    app: Any
    sample_id: str
    case_numbers: dict[str, int]
    agreements: dict[str, str]

    def places(self, area: str) -> dict[str, str]:
        """The values of the parameters of routes, for the rows of one area."""
        return {
            "pair_id": PAIRS[area],
            "delivery_id": delivery_id(area),
            "sample_id": self.sample_id,
            "number": str(self.case_numbers[area]),
            "supplier_code": area,
            "file_name": OUTBOX_FILE,
            "path:path": "index.html",
            "request_id": "A1",
            "year": "2026",
            "version_number": "1",
            "step": "sign",
            "upload_id": "A" * 32,
        }

    def open_as(self, role: str) -> Browser:
        """A browser in which a visitor is signed in and has stated a purpose."""
        if role == "nobody":
            return Browser(self.app)
        sessions = self.app.state.sessions
        account = read_accounts(self.settings)[role]
        session = replace(create_session(role, account.epoch), purpose="audit")
        return Browser(self.app, cookies={sessions.cookie: sessions.write(session)})

    def list_routes(self) -> Iterator[tuple[str, str]]:
        """The method and the path of every route of the application."""
        groups = [getattr(route, "original_router", None) for route in self.app.routes]
        single = [route for route, group in zip(self.app.routes, groups, strict=True) if not group]
        for route in (*single, *chain.from_iterable(each.routes for each in groups if each)):
            if isinstance(route, Mount):
                # The API for suppliers' systems, which admits tokens and no accounts.
                assert route.path == API_PATH
                continue
            for method in sorted(route.methods - {"HEAD"}):
                yield method, route.path


def fill_path(path: str, places: dict[str, str]) -> str:
    """Fill in the parameters of a route."""
    return re.sub(r"\{([^}]+)\}", lambda match: places[match[1]], path)


def make_home(home: Path, sound_file: Path) -> AreaHome:
    """Make the home. It is in production, where only grants give access."""
    settings = replace(load_settings({"REGISTER_ENVIRONMENT": "test"}), home=home)
    prepare_home(settings)
    folder = put_generation(settings, sound_file, GENERATION_ID, *CHANGES)
    _write_case_lists(folder)
    for area in (OWN, FOREIGN):
        _write_delivery(settings, area)
        (settings.outbox / area).mkdir()
        text = f"delivery_id,rule_code,what_to_fix\n{delivery_id(area)},566,{NAMES[area]}\n"
        (settings.outbox / area / OUTBOX_FILE).write_text(text, encoding="utf-8")
    _write_site(settings.quality / "site")
    generation = current_generation(settings)
    assert generation is not None
    sample = draw_sample(read_frame(generation), 1, 12, 2)
    write_worksheets(settings, sample, [], None)
    for role, grant in ROLES.items():
        add_account(settings, role, "staff", None)
        if grant is not None:
            level, area = grant
            decide_grant(settings, "grant", role, area, level, by="A", reason="B")
    own = find_own_episodes(folder)
    cases = {}
    for case in sample.cases:
        is_own = case.agreement_id in own
        if is_own == (case.authority_code_dfe == OWN):
            cases[case.authority_code_dfe] = case
    production = replace(settings, environment="production")
    return AreaHome(
        production,
        create_app(production),
        sample.sample_id,
        {area: case.case_number for area, case in cases.items()},
        {area: case.agreement_id for area, case in cases.items()},
    )


def find_own_episodes(folder: Path) -> set[str]:
    """The absences that belong to the own area: assigned to it, or reported by it."""
    with duckdb.connect(str(folder / "national_register.duckdb"), read_only=True) as connection:
        rows = connection.execute(
            "select episode_id_register from register.fct_episodes"
            " where authority_code_dfe = $area or placing_authority_code_dfe = $area"
            " union select episode_id_register from register.fct_reports"
            " where supplier_code = $area and episode_id_register is not null",
            {"area": OWN},
        ).fetchall()
    return {identifier for (identifier,) in rows}


def _write_case_lists(folder: Path) -> None:
    with duckdb.connect(str(folder / "case_lists.duckdb")) as connection:
        connection.execute("create schema operations")
    write_case_lists(folder)
    own = [mention_id("7"), mention_id("8")]
    listed = [
        {
            **CHILD,
            "body_code": area,
            "body_name": f"Authority {area}",
            "child_id_register": CHILDREN[area],
            "episode_id_register": f"E{area}" + "6" * 21,
            "surname": NAMES[area],
        }
        for area in (OWN, FOREIGN)
    ]
    write_children(folder, *listed)
    with duckdb.connect(str(folder / "case_lists.duckdb")) as connection:
        connection.execute(
            "update operations.review_mentions set issuer_code = case"
            " when list_contains(?, mention_id_register) then ?"
            " when source = 'police' then ? else ? end",
            [own, OWN, FOREIGN_FORCE, FOREIGN],
        )


def _write_delivery(settings: Settings, area: str) -> None:
    folder = land_delivery(settings)
    (entry,) = [each for each in read_ledger(settings) if each.delivery_id == DELIVERY_ID]
    moved = settings.landing / "authority_extract" / delivery_id(area)
    moved.parent.mkdir(exist_ok=True)
    folder.rename(moved)
    changes = {
        "delivery_id": delivery_id(area),
        "feed": "authority_extract",
        "supplier_code": area,
        "period": "2026-Q1",
    }
    write_entry(entry.model_copy(update=changes), moved)


def _write_site(site: Path) -> None:
    pages = ["index", "rows/nation", *(f"deliveries/{delivery_id(area)}" for area in NAMES)]
    pages += [f"rows/{area}{part}" for area in NAMES for part in ("", "-2")]
    for page in pages:
        path = site / f"{page}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"<h1>The page {page}</h1>", encoding="utf-8")
