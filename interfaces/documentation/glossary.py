"""Links to the glossary: on each page, a glossary word is linked where it first occurs."""

from __future__ import annotations

import re

PAGE = "docs/reference/glossary.md"
ROW = re.compile(r"^\| ([^|]+?) \| ([^|]*?) \|$", re.MULTILINE)
# Parts of a page in which words are not linked: code, links, headings, tables, pictures and
# comments.
UNLINKED_PARTS = re.compile(
    r"(^ *```.*?^ *```|`[^`\n]*`|!?\[[^\]]*\]\([^)]*\)|^(?:#|\||    ).*?$|<[^>]+>)",
    re.MULTILINE | re.DOTALL,
)
MIN_LENGTH = 5
# Words that every reader knows and that occur on every page, so they are not linked.
PLAIN = frozenset({"child", "children", "report", "police", "authority", "register", "episode"})


class Glossary:
    """The words of the glossary, each with its anchor on the glossary page."""

    def __init__(self, text: str) -> None:
        listed = [word for word, _ in ROW.findall(text) if word != "word"]
        self._anchors = {word: f"word-{_build_slug(word)}" for word in listed}
        linked = [word for word in listed if len(word) >= MIN_LENGTH and word not in PLAIN]
        words = sorted((word for word in linked if re.fullmatch(r"[\w -]+", word)), key=len)
        self._word = re.compile(rf"\b({'|'.join(map(re.escape, reversed(words)))})\b")

    def link_words(self, text: str, page: str) -> str:
        """Link glossary words where they first occur on a page. On the glossary page, add anchors.

        `page` is the path of the page in the project, such as `docs/reference/measures.md`.
        """
        if page == PAGE:
            return ROW.sub(self._add_anchor, text)
        place = "../" * page.count("/") + PAGE
        linked_words: set[str] = set()

        def add_link(match: re.Match[str]) -> str:
            word = match.group(1)
            if word in linked_words:
                return word
            linked_words.add(word)
            return f"[{word}]({place}#{self._anchors[word]})"

        parts = UNLINKED_PARTS.split(text)
        return "".join(
            part if number % 2 else self._word.sub(add_link, part)
            for number, part in enumerate(parts)
        )

    def _add_anchor(self, match: re.Match[str]) -> str:
        word, meaning = match.groups()
        if word not in self._anchors:
            return match.group(0)
        return f'| <span id="{self._anchors[word]}">{word}</span> | {meaning} |'


def _build_slug(word: str) -> str:
    return re.sub(r"\W+", "-", word.lower()).strip("-")
