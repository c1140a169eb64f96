"""Who may open which page, for every route of the application, and whose rows the page shows."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest

from interfaces.web import create_app
from register.access_grants import decide_grant
from register.publishing import current_generation
from tests.expectations.conftest import sound_file
from tests.review.cases import child_id, mention_id
from tests.web.area_home import (
    CHILDREN,
    FOREIGN,
    FOREIGN_FORCE,
    NAMES,
    OUTBOX_FILE,
    OWN,
    PAIRS,
    ROLES,
    AreaHome,
    delivery_id,
    fill_path,
    find_own_episodes,
    make_home,
)
from tests.web.browsing import Answer, Browser

__all__ = ["sound_file"]
ROWS = "?mart=register.fct_episodes"
# What a page answers to each kind of visitor in turn: `nobody`, and then those of `ROLES`. The
# parameters of a route name rows of the visitors' own area. A visitor who is granted yet another
# area gets 404 for them.
ANYBODY = (200,) * 8
EVERY_ACCOUNT = (303, *(200,) * 7)
ROWS_OF_ANY_AREA = (303, 403, 403, 403, 200, 200, 200, 200)
OWN_ROWS = (303, 403, 403, 403, 200, 200, 404, 200)
NAMES_OF_ANY_AREA = (303, 403, 403, 403, 403, 200, 200, 200)
OWN_NAMES = (303, 403, 403, 403, 403, 200, 404, 200)
NATION = (303, *(403,) * 6, 200)
# Grants do not open the pages of releases. `test_release_pages` tries them as signatories.
SIGNATORIES = (303, *(403,) * 7)
# `test_upload_pages` opens the pages of suppliers as people of suppliers.
SUPPLIERS = (303, *(403,) * 7)
# A form that is sent without a token is refused, whoever sends it. `FORMS` tries them with one.
GET = {
    "/sign-in": (200, *(303,) * 7),
    # Here, nobody signs in with a provider: `test_oidc` tries these two.
    "/sign-in/oidc": (404,) * 8,
    "/sign-in/callback": (404,) * 8,
    "/style.css": ANYBODY,
    "/deliver.js": ANYBODY,
    "/deliver": SUPPLIERS,
    "/deliver/{upload_id}": SUPPLIERS,
    "/delivered": SUPPLIERS,
    "/delivered/{delivery_id}": SUPPLIERS,
    "/delivered/{delivery_id}/feedback.csv": SUPPLIERS,
    "/delivered/{delivery_id}/receipt.json": SUPPLIERS,
    "/delivered/{delivery_id}/receipt.json.jws": SUPPLIERS,
    "/messages/{file_name}": SUPPLIERS,
    "/": EVERY_ACCOUNT,
    "/purpose": NAMES_OF_ANY_AREA,
    "/review": NAMES_OF_ANY_AREA,
    "/review/decided": NAMES_OF_ANY_AREA,
    "/review/second-opinions": NAMES_OF_ANY_AREA,
    "/review/pairs/{pair_id}": OWN_NAMES,
    "/review/pairs/{pair_id}/opinion": OWN_NAMES,
    "/help": NAMES_OF_ANY_AREA,
    "/suppliers": ROWS_OF_ANY_AREA,
    "/deliveries": ROWS_OF_ANY_AREA,
    "/deliveries/{delivery_id}": OWN_ROWS,
    "/status": NATION,
    "/audit": NAMES_OF_ANY_AREA,
    "/audit/{sample_id}": OWN_NAMES,
    "/audit/{sample_id}/{number}": OWN_NAMES,
    "/outbox": NAMES_OF_ANY_AREA,
    "/outbox/{supplier_code}/{file_name}": OWN_NAMES,
    "/rows": ROWS_OF_ANY_AREA,
    "/rows.csv": ROWS_OF_ANY_AREA,
    "/approvals": NATION,
    "/releases": SIGNATORIES,
    "/releases/draft": SIGNATORIES,
    "/releases/announce": SIGNATORIES,
    "/releases/key": SIGNATORIES,
    "/releases/requests/{request_id}": SIGNATORIES,
    "/releases/{year}/{version_number}": SIGNATORIES,
    "/releases/{year}/{version_number}/files/{path:path}": SIGNATORIES,
    "/releases/{year}/{version_number}/steps/{step}": SIGNATORIES,
    "/log": NATION,
    "/quality/{path:path}": EVERY_ACCOUNT,
    "/documents/{path:path}": (303, *(404,) * 7),
}
# What a form answers: 303 means done and sent on, 400 that a field is missing, and 409 that the
# form is older than what it changes. None of the three is an answer to somebody without a grant,
# except to nobody, who is sent to sign in.
FORMS = {
    "/sign-in": (403,) * 8,
    "/sign-out": (303,) * 8,
    "/purpose": (303, 403, 403, 403, 403, 303, 303, 303),
    "/review/next": (303, 403, 403, 403, 403, 303, 303, 303),
    "/review/pairs/{pair_id}/claim": (303, 403, 403, 403, 403, 303, 404, 303),
    "/review/pairs/{pair_id}/release": (303, 403, 403, 403, 403, 303, 404, 303),
    "/review/pairs/{pair_id}/preview": (303, 403, 403, 403, 403, 400, 404, 400),
    "/review/pairs/{pair_id}/decide": (303, 403, 403, 403, 403, 400, 404, 400),
    "/review/pairs/{pair_id}/undo": (303, 403, 403, 403, 403, 400, 404, 400),
    "/review/pairs/{pair_id}/opinion": (303, 403, 403, 403, 403, 400, 404, 400),
    # A visitor of an area without listed children has nothing to export.
    "/help/export": OWN_NAMES,
    "/deliveries/{delivery_id}/decide": (303, 403, 403, 403, 403, 409, 404, 409),
    "/audit/{sample_id}/{number}": (303, 403, 403, 403, 403, 409, 404, 409),
    "/outbox/{supplier_code}/{file_name}/export": OWN_NAMES,
    "/approvals/{request_id}": (303, *(403,) * 7),
    "/releases/draft": SIGNATORIES,
    "/releases/stop": SIGNATORIES,
    "/deliver": SUPPLIERS,
    "/deliver/{upload_id}/files": SUPPLIERS,
    "/deliver/{upload_id}/files/{number}/part": SUPPLIERS,
    "/deliver/{upload_id}/files/{number}/remove": SUPPLIERS,
    "/deliver/{upload_id}/declare": SUPPLIERS,
    "/deliver/{upload_id}/check": SUPPLIERS,
    "/deliver/{upload_id}/confirm": SUPPLIERS,
    "/deliver/{upload_id}/give-up": SUPPLIERS,
    "/releases/announce": SIGNATORIES,
    "/releases/key": SIGNATORIES,
    "/releases/requests/{request_id}": SIGNATORIES,
    "/releases/{year}/{version_number}/steps/{step}": SIGNATORIES,
}
# Texts that no page may show to a visitor of the own area: names, keys, codes and deliveries.
FOREIGN_WORDS = (
    NAMES[FOREIGN],
    CHILDREN[FOREIGN],
    PAIRS[FOREIGN],
    delivery_id(FOREIGN),
    f"Authority {FOREIGN}",
    f"/outbox/{FOREIGN}/",
    *(child_id(digit) for digit in "14569a"),
    *(mention_id(digit) for digit in "1234569a"),
)


@pytest.fixture(scope="module")
def shared_home(tmp_path_factory: pytest.TempPathFactory, sound_file: Path) -> AreaHome:
    """The home, made once, for tests that only read it."""
    return make_home(tmp_path_factory.mktemp("areas") / "home", sound_file)


@pytest.fixture
def area_home(shared_home: AreaHome, tmp_path: Path) -> AreaHome:
    """A copy of the home that this test may write."""
    copied = tmp_path / "home"
    shutil.copytree(shared_home.settings.home, copied, symlinks=True)
    settings = replace(shared_home.settings, home=copied)
    return replace(shared_home, settings=settings, app=create_app(settings))


def _send_form(browser: Browser, path: str) -> Answer:
    """Send an empty form with the token of the visitor's session, as a page would."""
    sessions = browser.app.state.sessions
    session = sessions.read(browser.cookies.get(sessions.cookie))
    token = sessions.build_form_token(session) if session else ""
    text = f"form_token={token}&purpose=audit".encode()
    kind = {"content-type": "application/x-www-form-urlencoded"}
    return browser.once("POST", path, text, kind)


def test_every_route_is_in_the_table(shared_home: AreaHome) -> None:
    """Prevents a new page of which nobody said who may open it."""
    routes = {(method, path) for method, path in shared_home.list_routes()}
    assert routes == {("GET", path) for path in GET} | {("POST", path) for path in FORMS}


@pytest.mark.parametrize("role", ["nobody", *ROLES])
def test_every_page_answers_each_kind_of_visitor(shared_home: AreaHome, role: str) -> None:
    """Prevents a page that a visitor opens without a grant for its level and area."""
    browser, place = shared_home.open_as(role), ["nobody", *ROLES].index(role)
    answers = {}
    for path in GET:
        filled = fill_path(path, shared_home.places(OWN)) + (ROWS if "rows" in path else "")
        answers[path] = browser.once("GET", filled, b"", {}).status
    assert answers == {path: statuses[place] for path, statuses in GET.items()}


@pytest.mark.parametrize("role", ["nobody", *ROLES])
def test_every_form_answers_each_kind_of_visitor(area_home: AreaHome, role: str) -> None:
    """Prevents a decision or an export by somebody without a grant for its level and area."""
    place = ["nobody", *ROLES].index(role)
    answers = {}
    for path in FORMS:
        browser = area_home.open_as(role)
        answer = _send_form(browser, fill_path(path, area_home.places(OWN)))
        answers[path] = answer.status
        if role == "nobody" and path not in {"/sign-in"}:
            # A form of nobody has no token of a session, which is refused first or last.
            assert answer.status in {303, 403}, path
            answers[path] = 303
    expected = {path: statuses[place] for path, statuses in FORMS.items()}
    assert answers == expected


@pytest.mark.parametrize("role", ["identity_own", "exact"])
def test_a_foreign_key_answers_like_one_that_does_not_exist(area_home: AreaHome, role: str) -> None:
    """Prevents a visitor from finding out which children, pairs and deliveries others have."""
    browser = area_home.open_as(role)
    foreign = area_home.places(FOREIGN)
    absent = {
        "pair_id": "P" + "0" * 16,
        "delivery_id": delivery_id("999"),
        "sample_id": foreign["sample_id"],
        "number": "0" * len(foreign["number"]),
        "supplier_code": "999",
        "file_name": OUTBOX_FILE,
        "path:path": "rows/999.html",
        "request_id": "A2",
        "year": "2027",
        "version_number": "1",
        "step": "sign",
        "upload_id": "B" * 32,
    }
    foreign["path:path"] = f"rows/{FOREIGN}.html"
    for method, path in area_home.list_routes():
        if "{" not in path or path in {"/audit/{sample_id}", "/documents/{path:path}"}:
            continue
        answers = []
        for places in (foreign, absent):
            filled = fill_path(path, places)
            if method == "POST":
                answers.append(_send_form(browser, filled))
            else:
                answers.append(browser.once("GET", filled, b"", {}))
        first, second = answers
        assert first.status in {403, 404}, path
        assert first.status == second.status, path
        assert re.sub(r"\d", "0", first.text) == re.sub(r"\d", "0", second.text), path


def test_no_page_has_a_foreign_name_or_key(area_home: AreaHome) -> None:
    """Prevents names, keys and counts of another area on a page, a list or a download."""
    browser = area_home.open_as("identity_own")
    asked = [fill_path(path, area_home.places(OWN)) for path in GET]
    asked += [
        "/deliveries?kind=all",
        f"/audit/{area_home.sample_id}/{area_home.case_numbers[OWN]}?lines=yes",
        "/review?cause=tie",
        "/",
    ]
    for path in asked:
        answer = browser.get(path)
        for word in (*FOREIGN_WORDS, area_home.agreements[FOREIGN]):
            assert word not in answer.text, (path, word)
    assert NAMES[OWN] in browser.get("/help").text
    assert "8 tasks for children who need help" in browser.get("/").words
    assert "1 feeds of silent suppliers" in browser.get("/").words
    assert "1 held deliveries to decide" in browser.get("/").words
    nation = area_home.open_as("identity_all").get("/").words
    assert "11 tasks for children who need help" in nation
    assert "2 feeds of silent suppliers" in nation
    for path in ("/help/export", "/outbox/{supplier_code}/{file_name}/export"):
        saved = _send_form(browser, fill_path(path, area_home.places(OWN)))
        assert (saved.status, NAMES[FOREIGN] in saved.text) == (200, False)


def test_a_foreign_area_answers_like_one_that_does_not_exist(shared_home: AreaHome) -> None:
    """Prevents a filter of the list from telling whether another area has children on it."""
    browser = shared_home.open_as("identity_own")
    assert browser.get(f"/help?area={OWN}&task=away_now").status == 200
    foreign, absent = (browser.get(f"/help?area={code}") for code in (FOREIGN, "999"))
    assert (foreign.status, foreign.text) == (404, absent.text)
    assert NAMES[FOREIGN] in shared_home.open_as("identity_all").get(f"/help?area={FOREIGN}").text


@pytest.mark.parametrize(
    "where",
    [
        "true",
        "authority_code_dfe = '213'",
        "1 = 1) or (true",
        "exists (select 1 from published.register.fct_episodes)",
        "episode_id_register in (select episode_id_register from register.fct_episodes)",
        "(select count(*) from register.fct_reports) > 60",
        "(select count(*) from read_csv('/etc/passwd')) > 0",
        "case when authority_code_dfe = '213' then error('foreign') else true end",
    ],
)
@pytest.mark.parametrize("mart", ["register.fct_episodes", "agreement.fct_agreement"])
def test_a_filter_sees_only_rows_of_the_own_area(
    shared_home: AreaHome, mart: str, where: str
) -> None:
    """Prevents a filter, which is a visitor's own SQL, from counting another area's rows."""
    generation = current_generation(shared_home.settings)
    assert generation is not None
    own = find_own_episodes(generation.folder)
    browser = shared_home.open_as("exact")
    answer = browser.get(f"/rows?mart={mart}&where={quote(where)}")
    assert answer.status in {200, 400}
    assert "error: foreign" not in answer.words.lower()
    counts = [int(number) for number in re.findall(r"(\d+) rows?\b", answer.words)]
    assert max(counts, default=0) <= len(own)
    saved = browser.get(f"/rows.csv?mart={mart}&where={quote(where)}")
    listed = set(re.findall(r"^E\d{24}", saved.text, re.MULTILINE))
    assert listed <= own
    if where == "true":
        assert listed == own
        assert len(own) < 80, "the nation has 80"


def test_a_mart_without_a_rule_is_not_listed_for_an_area(shared_home: AreaHome) -> None:
    """Prevents rows of the whole nation from being listed through a table that has no areas."""
    national, own = shared_home.open_as("identity_all"), shared_home.open_as("identity_own")
    place = "/rows?mart=register.fct_identity_events"
    assert own.get(place).words == own.get("/rows?mart=register.fct_identity_eventz").words.replace(
        "eventz", "events"
    )
    assert national.get("/rows?mart=register.fct_episodes").status == 200


def test_pages_of_rows_on_the_site_belong_to_their_area(shared_home: AreaHome) -> None:
    """Prevents rows and deliveries of every area from being read as files of the quality site."""
    own = [f"rows/{OWN}.html", f"rows/{OWN}-2.html", f"deliveries/{delivery_id(OWN)}.html"]
    foreign = [page.replace(OWN, FOREIGN) for page in own] + ["rows/nation.html"]
    expected = {"exact": (200, 404), "coarse": (404, 404), "identity_all": (200, 200)}
    for role, (own_status, foreign_status) in expected.items():
        browser = shared_home.open_as(role)
        assert {browser.get(f"/quality/{page}").status for page in own} == {own_status}, role
        assert {browser.get(f"/quality/{page}").status for page in foreign} == {foreign_status}


def test_a_pair_needs_the_area_of_every_record_on_its_page(area_home: AreaHome) -> None:
    """Prevents a reviewer of one area from reading the record of another beside their own."""
    foreign = f"/review/pairs/{PAIRS[FOREIGN]}"
    browser = area_home.open_as("identity_own")
    grants = {"grant": 200, "revoke": 404}
    development = replace(area_home.settings, environment="test")
    decide_grant(development, "grant", "identity_own", FOREIGN, "identity", by="A", reason="B")
    assert browser.get(foreign).status == 404, "a record of the police is on the page"
    for decision, status in grants.items():
        decide_grant(
            development, decision, "identity_own", FOREIGN_FORCE, "identity", by="A", reason="B"
        )
        assert browser.get(foreign).status == status


def test_rows_of_an_area_do_not_give_its_names(area_home: AreaHome) -> None:
    """Prevents names or decisions of an area of which a visitor may only see rows."""
    development = replace(area_home.settings, environment="test")
    decide_grant(development, "grant", "identity_own", FOREIGN, "exact", by="A", reason="B")
    browser = area_home.open_as("identity_own")
    for answer in (browser.get("/help"), _send_form(browser, "/help/export")):
        assert answer.status == 200
        assert NAMES[OWN] in answer.text and NAMES[FOREIGN] not in answer.text
    assert browser.get(f"/help?area={FOREIGN}").status == 404
    place = f"/deliveries/{delivery_id(FOREIGN)}"
    assert browser.get(place).status == 200
    assert _send_form(browser, f"{place}/decide").status == 404
