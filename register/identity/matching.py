"""Links: which scored pairs of mentions are about the same child, how surely and by what.

Turns the scores of the pinned model into links that people can read. What a pair weighs is the
matter of `scoring`, what forbids it, however strong its link, of `guards`.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from register.identity.model import Model

LINK_SCHEMA = pa.schema(
    [
        ("left_mention_key", pa.string()),
        ("right_mention_key", pa.string()),
        ("match_weight", pa.float64()),
        ("link_method", pa.string()),
        ("evidence", pa.string()),
        ("band", pa.string()),
        ("capped_by", pa.string()),
        ("is_exact", pa.bool_()),
        ("is_strict", pa.bool_()),
        ("is_loose", pa.bool_()),
    ]
)

# The date is the same whether or not it is one that stands for a year alone.
SAME_BIRTH_DATE = ("same", "default_day")
NOT_SHARED = frozenset({"not_known", "identifiers_differ"})


def links_from_scores(scored: pa.Table, model: Model) -> pa.Table:
    """Return the scored pairs as links, in `LINK_SCHEMA` and in order of keys.

    `scored` is as `scoring.score_pairs` makes it. `link_method` is what proves the pair: an
    identifier, the names with the date of birth, or the sum of the weights. `evidence` lists the
    comparisons that speak for the pair, the heaviest first, with their levels. `is_strict` and
    `is_loose` say whether the pair would link at the other two thresholds.
    """
    with duckdb.connect(":memory:") as connection:
        connection.register("scored", scored)
        links = connection.execute(_link_sql(model)).to_arrow_table()
    return links.cast(LINK_SCHEMA)


def links_at(links: pa.Table, linkage: str) -> pa.Table:
    """Return links banded as at the strict or loose threshold, or as they are (central).

    Raises `ValueError` for another name.
    """
    if linkage == "central":
        return links
    if linkage not in {"strict", "loose"}:
        raise ValueError(f"linkage is strict, central or loose, not {linkage}")
    with duckdb.connect(":memory:") as connection:
        connection.register("links", links)
        return connection.execute(
            f"select * replace (case when is_{linkage} then 'link' else 'review' end as band)"
            " from links order by left_mention_key, right_mention_key"
        ).to_arrow_table()


def _link_sql(model: Model) -> str:
    """Name the method and the evidence of each pair from the levels that it is on."""
    thresholds = model.thresholds
    return f"""
    select left_mention_key, right_mention_key, match_weight,
        {_method_sql(model)} as link_method,
        {_evidence_sql(model)} as evidence,
        band, capped_by,
        {_on("forename", ("same",), model)} and {_on("surname", ("same",), model)}
            and {_on("birth_date", SAME_BIRTH_DATE, model)} as is_exact,
        match_weight >= {thresholds.strict} and capped_by is null as is_strict,
        match_weight >= {thresholds.loose} and capped_by is null as is_loose
    from scored
    order by left_mention_key, right_mention_key
    """


def _method_sql(model: Model) -> str:
    """The proof of a pair: the strongest first; a weight that nothing exact carries is last."""
    same_date = _on("birth_date", SAME_BIRTH_DATE, model)
    shared = [
        f"when {_on('identifier', (label,), model)} then '{label}'"
        for gamma, label in sorted(model.level_labels("identifier").items(), reverse=True)
        if label not in NOT_SHARED
    ]
    return f"""case
        when band != 'link' then 'evidence_only'
        {" ".join(shared)}
        when {_on("forename", ("same",), model)} and {_on("surname", ("same",), model)}
            and {same_date} then 'exact_name_and_birth_date'
        when {_on("forename", ("swapped_with_surname",), model)} and {same_date}
            then 'swapped_name_and_birth_date'
        else 'sum_of_weights'
    end"""


def _evidence_sql(model: Model) -> str:
    """Comparisons that speak for the pair, as `comparison=level`, the heaviest first."""
    weighed = ", ".join(
        f"{{'weight': weight_{name}, 'said': '{name}=' || {_label_sql(name, model)}}}"
        for name in model.comparison_names
    )
    return (
        "array_to_string(list_transform(list_reverse(list_sort(list_filter("
        f"[{weighed}], lambda each: each.weight > 0))), lambda each: each.said), '+')"
    )


def _label_sql(name: str, model: Model) -> str:
    labels = model.level_labels(name)
    return f"case gamma_{name} " + " ".join(
        f"when {gamma} then '{label}'" for gamma, label in sorted(labels.items())
    ) + " end"  # fmt: skip


def _on(name: str, labels: tuple[str, ...], model: Model) -> str:
    """A condition: the pair is on one of these levels of the comparison."""
    gammas = ", ".join(map(str, model.gammas(name, list(labels))))
    return f"gamma_{name} in ({gammas})"
