"""Search of delivered files that no reader could read, for references of erased persons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from register.feeds.delivery import SourceFile
from register.feeds.delivery_rules import Rejection
from register.feeds.erased_rows import ErasureRule
from register.feeds.readers import WORKBOOKS, is_archive, read_cells, unpack_archive
from register.variables import DeliveryLimits


def mentions_erased(
    rule: ErasureRule, files: Sequence[SourceFile], password: str | None, limits: DeliveryLimits
) -> bool:
    """Return whether a file has an erased person's reference as a value.

    A file that cannot be opened counts as having one if a person of its supplier was erased.
    """
    try:
        return any(
            rule.is_text_erased(text) or rule.is_text_erased(text.replace(" ", ","))
            for file in files
            for text in _list_texts(file, password, limits)
        )
    except Rejection:
        return rule.suspects_unopened


def _list_texts(file: SourceFile, password: str | None, limits: DeliveryLimits) -> Iterator[str]:
    if is_archive(file):
        for member in unpack_archive(file, password, limits):
            yield from _list_texts(member, password, limits)
    elif file.suffix in WORKBOOKS:
        yield from read_cells(file, limits)
    else:
        yield from (file.data.decode(code, errors="ignore") for code in ("utf-8", "utf-16-le"))
