"""The flow of data between zones of the register, as Dagster's graph has it, and its drawing.

A zone is a part of the register that the same people may read. Which kinds of files a zone has is
known to `register.home_files`; what lies in a zone's tables belongs in the data dictionary.
"""

from __future__ import annotations

import html
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from orchestration.asset_graph import GraphAsset
from register.charts import ACCENT, INK, MARKED, MUTED, Place, draw_box, draw_text
from register.home_files import KINDS, Content, FileKind

# From the most to the least that a file says about people.
CONTENTS: dict[Content, str] = {
    "identity": "names, dates of birth, postcodes",
    "record ids": "suppliers' references",
    "pseudonyms": "rows under pseudonyms",
    "staff": "staff",
    "none": "counts and codes",
}
COLOURS = {"identity": (MARKED, "#FDF0E8"), "pseudonyms": (ACCENT, "#EDF3F9")}
OTHER_COLOURS = (MUTED, "#FFFFFF")
# A production home has no simulated truth.
NOT_DRAWN = "truth"


@dataclass(frozen=True)
class Zone:
    """A zone: its place in the drawing (column and row), and what it consists of.

    `assets` are groups of assets in Dagster, or first parts of their keys. `files` are beginnings
    of the patterns of files in a home.
    """

    name: str
    place: tuple[int, int]
    assets: tuple[str, ...]
    files: tuple[str, ...]
    readers: str
    retention: str

    @property
    def kinds(self) -> list[FileKind]:
        """The kinds of files that lie in the zone."""
        return [kind for kind in KINDS if find_zone_of_files(kind) is self]

    @property
    def content(self) -> Content:
        """The most that a file of the zone says about people."""
        contents = {kind.content for kind in self.kinds}
        return next(content for content in CONTENTS if content in contents)


ZONES = (
    Zone(
        "Inbox",
        (1, 0),
        ("inbox",),
        ("inbox/",),
        "the data team",
        "until the operator removes them",
    ),
    Zone(
        "Landing",
        (1, 1),
        ("landing",),
        ("landing/",),
        "the data team",
        "until the term of the feed ends",
    ),
    Zone(
        "Decisions",
        (2, 2),
        ("decisions",),
        ("decisions/",),
        "the data team",
        "as long as the register, because later loads use them",
    ),
    Zone(
        "Warehouse",
        (1, 2),
        ("staging", "intermediate", "identity", "reference"),
        ("warehouse/", "published/."),
        "the data team",
        "until the next load builds it anew",
    ),
    Zone(
        "Case lists",
        (0, 3),
        ("operations",),
        ("published/*/case_lists.duckdb", "operations/"),
        "safeguarding staff, reviewers, auditors",
        "with their generation; worksheets until the task is done",
    ),
    Zone(
        "Served forms",
        (1, 4),
        ("served",),
        ("published/*/parquet",),
        "whoever has a role in PostgreSQL, or may open the files",
        "with their generation",
    ),
    Zone(
        "Published register",
        (1, 3),
        ("register", "agreement", "bi", "published"),
        ("published/",),
        "analysts in the coarse form; auditors with exact dates",
        "the current generation and `REGISTER_GENERATIONS_KEPT` earlier ones",
    ),
    Zone(
        "Statistics",
        (2, 3),
        ("statistics",),
        ("statistics/",),
        "the data team; the public, once published",
        "for good, because a published release is never changed",
    ),
    Zone(
        "Outbox",
        (0, 4),
        ("outbox",),
        ("outbox/",),
        "the data team, which sends it to that supplier",
        "until the operator removes them",
    ),
    Zone(
        "Quality site",
        (2, 4),
        (),
        ("quality/",),
        "everybody who needs the figures",
        "until the next load builds it anew",
    ),
)
# Marts of the schema `quality` are in the published register, and not on the site.
QUALITY_SITE, PUBLISHED = ZONES[-1], ZONES[6]
Flow = tuple[Zone, Zone]


def find_zone_of_files(kind: FileKind) -> Zone | None:
    """Return the zone of a kind of file; None if it is part of running the register."""
    return next((zone for zone in ZONES if kind.pattern.startswith(zone.files)), None)


def find_zone_of_asset(asset: GraphAsset) -> Zone | None:
    """Return the zone of an asset, or None if it is not drawn. Raises ValueError if none has it."""
    first = asset.path[0]
    if first == NOT_DRAWN:
        return None
    if first == "quality":
        return QUALITY_SITE if asset.group == "quality" else PUBLISHED
    for zone in ZONES:
        if asset.group in zone.assets or first in zone.assets:
            return zone
    raise ValueError(f"no zone of the data flow has the asset {'/'.join(asset.path)}")


def list_flows(assets: Sequence[GraphAsset]) -> list[Flow]:
    """Return the pairs of zones of which one has an asset that depends on an asset of the other."""
    zones = {asset.path: find_zone_of_asset(asset) for asset in assets}
    flows = {
        (source, target)
        for asset in assets
        for path in asset.depends_on
        if (source := zones[path]) and (target := zones[asset.path]) and source is not target
    }
    return sorted(flows, key=lambda flow: (ZONES.index(flow[0]), ZONES.index(flow[1])))


TITLE = "Flow of data between the zones of the register"
WIDTH, BOX_WIDTH, BOX_HEIGHT, LINE_HEIGHT = 688, 206, 106, 18
LEFT, TOP, COLUMN, ROW = 8, 12, 233, 146
LETTERS_IN_A_LINE = 26


def draw_data_flow(flows: Sequence[Flow]) -> str:
    """Return an SVG file with a box for each zone and an arrow for each flow."""
    height = TOP * 2 + ROW * max(zone.place[1] for zone in ZONES) + BOX_HEIGHT
    words = " ".join(
        f"{zone.name} ({CONTENTS[zone.content]}) goes to {_list_names(targets)}."
        for zone in ZONES
        if (targets := [target for source, target in flows if source is zone])
    )
    arrows = [
        _draw_arrow(source, target, is_mutual=(target, source) in flows)
        for source, target in flows
        if (target, source) not in flows or ZONES.index(source) < ZONES.index(target)
    ]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
            f'aria-labelledby="t d" font-family="Arial, Helvetica, sans-serif" font-size="14">',
            f'<title id="t">{TITLE}</title>',
            f'<desc id="d">{html.escape(words)}</desc>',
            '<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" '
            f'markerHeight="8" orient="auto-start-reverse"><path d="M0 0L10 5L0 10z" fill="{INK}"/>'
            "</marker></defs>",
            draw_box((0, 0), WIDTH, height, "#FFFFFF"),
            *arrows,
            *map(_draw_zone, ZONES),
            "</svg>",
            "",
        ]
    )


def _list_names(zones: Iterable[Zone]) -> str:
    return ", ".join(zone.name.lower() for zone in zones)


def _find_corner(zone: Zone) -> Place:
    column, row = zone.place
    return LEFT + COLUMN * column, TOP + ROW * row


def _draw_zone(zone: Zone) -> str:
    x, y = _find_corner(zone)
    stroke, fill = COLOURS.get(zone.content, OTHER_COLOURS)
    frame = f' rx="4" stroke="{stroke}" stroke-width="2"'
    lines = [
        *textwrap.wrap(CONTENTS[zone.content], LETTERS_IN_A_LINE),
        *textwrap.wrap(f"Read by {zone.readers}", LETTERS_IN_A_LINE),
    ]
    texts = [
        draw_text(x + 10, y + 42 + LINE_HEIGHT * number, line) for number, line in enumerate(lines)
    ]
    name = f'<g font-weight="bold">{draw_text(x + 10, y + 22, zone.name)}</g>'
    return "".join([draw_box((x, y), BOX_WIDTH, BOX_HEIGHT, fill, frame), name, *texts])


def _draw_arrow(source: Zone, target: Zone, *, is_mutual: bool) -> str:
    """Return an arrow between two boxes, with a head at both ends if data flow both ways."""
    (x1, y1), (x2, y2) = _find_corner(source), _find_corner(target)
    if y1 == y2:
        middle = BOX_HEIGHT / 2
        start = (x1 + BOX_WIDTH, y1 + middle) if x1 < x2 else (x1, y1 + middle)
        end = (x2, y2 + middle) if x1 < x2 else (x2 + BOX_WIDTH, y2 + middle)
    else:
        aside = BOX_WIDTH / 4 * ((x2 > x1) - (x2 < x1))
        is_down = y1 < y2
        start = (x1 + BOX_WIDTH / 2 + aside, y1 + BOX_HEIGHT * is_down)
        end = (x2 + BOX_WIDTH / 2 - aside, y2 + BOX_HEIGHT * (not is_down))
    both = ' marker-start="url(#head)"' if is_mutual else ""
    return (
        f'<line x1="{start[0]:g}" y1="{start[1]:g}" x2="{end[0]:g}" y2="{end[1]:g}" '
        f'stroke="{INK}" stroke-width="2" marker-end="url(#head)"{both}/>'
    )
