"""Questions of directors, journalists and data officers, answered by following links.

Auditors follow a figure to its line in `tests/docs/test_followed_row.py`.
"""

from __future__ import annotations

from posixpath import join, normpath

import pytest

from tests.expectations.reading import Structure

MOST_STEPS = 3
# For each question, the links from the front page to the answer, and words of the answer.
QUESTIONS = {
    "director: how many went missing, compared with last year": (
        (),
        ("Children missing in 2025-26", "per 1,000 children", "lower than the year before"),
    ),
    "director: compared with areas like mine": (
        ("Areas", "Steelford"),
        ("not clearly different from the year before", "similar areas had 1.25 per 1,000 children"),
    ),
    "director: what to do": (
        ("Areas", "Steelford"),
        ("Do first", "Deliver the data that are due."),
    ),
    "journalist: which area has the highest rate": (
        ("Areas",),
        ("Steelford", "Per 1,000 children (95% interval)", "3.50"),
    ),
    "journalist: can I trust it": (("How sure",), ("Precision is the share of links",)),
    "data officer: what is wrong with my file": (
        ("Suppliers", "Steelford"),
        ("Checks of this supplier", "Result"),
    ),
}


def _words(page: Structure) -> str:
    return " ".join(page.all("main")[0].text.split())


def _follow(read: dict[str, Structure], path: str, link: str) -> str:
    """Return the path of the page to which the first link with these words leads."""
    for item in read[path].all("a"):
        if " ".join(item.text.split()) == link:
            href = item.attributes["href"].partition("#")[0]
            return normpath(join(path.rpartition("/")[0], href))
    raise AssertionError(f"{path} has no link {link!r}")


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_is_answered_in_at_most_three_steps(
    read: dict[str, Structure], question: str
) -> None:
    """Prevents figures that are on the site, and that nobody who needs them finds."""
    links, answer = QUESTIONS[question]
    path = "index.html"
    for link in links:
        path = _follow(read, path, link)
    words = _words(read[path])
    assert [each for each in answer if each not in words] == []
    assert 1 + len(links) <= MOST_STEPS
