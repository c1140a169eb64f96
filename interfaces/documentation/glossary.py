"""Words of the glossary: a place for each to link to, and a link at its first use on a page."""

from __future__ import annotations

import re

PAGE = "docs/reference/glossary.md"
ROW = re.compile(r"^\| ([^|]+?) \| ([^|]*?) \|$", re.MULTILINE)
# Where a word is not linked: code, links, headings, tables, pictures, comments.
LEFT_ALONE = re.compile(
    r"(^ *```.*?^ *```|`[^`\n]*`|!?\[[^\]]*\]\([^)]*\)|^(?:#|\||    ).*?$|<[^>]+>)",
    re.MULTILINE | re.DOTALL,
)
SHORTEST = 5
# Words that every page has and every reader knows.
PLAIN = frozenset({"child", "children", "report", "police", "authority", "register", "episode"})


class Glossary:
    """The words of the glossary's page, with the anchor of each."""

    def __init__(self, text: str) -> None:
        rows = [word for word, _ in ROW.findall(text) if word != "word"]
        self._anchors = {word: f"word-{_slug(word)}" for word in rows}
        linked = [word for word in rows if len(word) >= SHORTEST and word not in PLAIN]
        words = sorted((word for word in linked if re.fullmatch(r"[\w -]+", word)), key=len)
        self._word = re.compile(rf"\b({'|'.join(map(re.escape, reversed(words)))})\b")

    def link(self, text: str, page: str) -> str:
        """The text of a page with its words linked at their first use.

        The glossary's own page has an anchor for each word instead.

        `page` is its path in the project, such as `docs/reference/measures.md`.
        """
        if page == PAGE:
            return ROW.sub(self._with_anchor, text)
        place = "../" * page.count("/") + PAGE
        seen: set[str] = set()

        def linked(match: re.Match[str]) -> str:
            word = match.group(1)
            if word in seen:
                return word
            seen.add(word)
            return f"[{word}]({place}#{self._anchors[word]})"

        parts = LEFT_ALONE.split(text)
        return "".join(
            part if number % 2 else self._word.sub(linked, part)
            for number, part in enumerate(parts)
        )

    def _with_anchor(self, match: re.Match[str]) -> str:
        word, meaning = match.groups()
        if word not in self._anchors:
            return match.group(0)
        return f'| <span id="{self._anchors[word]}">{word}</span> | {meaning} |'


def _slug(word: str) -> str:
    return re.sub(r"\W+", "-", word.lower()).strip("-")
