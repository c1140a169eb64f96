"""The result of a check as a part of a page: first the verdict, then every fault.

The part contains no value of a record. The rules themselves belong in `register.feeds`.
"""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

from interfaces.web.pages import get_template
from register.appearance import build_style_sheet
from register.feeds import CheckedDelivery, FeedbackLine, group_faults, load_contracts
from register.supplier_names import name_supplier

# The numbers of places that are shown, and that are shown folded. A CSV file has all places.
FIRST_PLACES, FOLDED_PLACES = 6, 500
STYLE_SHEET = "templates/style.css"


def render_check(
    checked: CheckedDelivery, lines: Iterable[FeedbackLine], notes: Iterable[str] = ()
) -> Markup:
    """Render the result of a check as a part of a page, below the page's main heading.

    `lines` is the feedback (`CheckedDelivery.build_feedback`), and `notes` says what was not
    checked.
    """
    sections = group_faults(lines)
    faults = [group for name, groups in sections.items() if name != "notes" for group in groups]
    text = get_template("check_result.html").render(
        item=checked.raw.item,
        supplier=name_supplier(checked.seeds, checked.raw.item.supplier_code),
        has_tables=len(load_contracts()[checked.raw.item.feed].tables) > 1,
        verdict=checked.verdict,
        read_count=checked.read_row_count,
        landed_count=checked.landed_row_count,
        fault_count=len(faults),
        place_count=sum(len(group.lines) for group in faults),
        sections=sections,
        notes=list(notes),
        first_places=FIRST_PLACES,
        folded_places=FOLDED_PLACES,
    )
    return Markup(text)  # noqa: S704 - the template escapes every value


def render_check_file(
    checked: CheckedDelivery, lines: Iterable[FeedbackLine], notes: Iterable[str] = ()
) -> str:
    """Render the result of a check as one page that loads nothing, for a file to send."""
    return get_template("written/check_file.html").render(
        title="Check of a delivery",
        style=build_style_sheet("interfaces.web", STYLE_SHEET),
        result=render_check(checked, lines, notes),
    )
