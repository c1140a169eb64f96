"""Links: scored pairs of mentions with band, link method and evidence in words.

The match weight comes from `scoring`; cannot-link constraints, which outweigh any link, are in
`cluster`.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from register.identity.score.model import Model

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

PRIOR = "prior"
WEIGHT_SCHEMA = pa.schema(
    [
        ("left_mention_key", pa.string()),
        ("right_mention_key", pa.string()),
        ("comparison_place", pa.int32()),
        ("comparison_code", pa.string()),
        ("level_code", pa.string()),
        ("weight", pa.float64()),
    ]
)
# A default day (1 January, 1 July) counts as the same date as well.
SAME_BIRTH_DATE = ("same", "default_day")
NOT_SHARED = frozenset({"not_known", "identifiers_differ"})


def links_from_scores(scored: pa.Table, model: Model) -> pa.Table:
    """Return the scored pairs as links, in `LINK_SCHEMA` and in order of keys.

    `scored` is the result of `score_pairs`. `link_method` is the strongest evidence for the pair:
    an identifier, the names with the date of birth, or the sum of the weights. `evidence` lists the
    comparisons with a positive weight, highest first, with their levels. `is_strict` and `is_loose`
    are true if the pair links at that threshold.
    """
    with duckdb.connect(":memory:") as connection:
        connection.register("scored", scored)
        links = connection.execute(_link_sql(model)).to_arrow_table()
    return links.cast(LINK_SCHEMA)


def links_at(links: pa.Table, linkage: str) -> pa.Table:
    """Return links with their bands at the strict or loose threshold, or unchanged (central).

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


def list_weights(scored: pa.Table, model: Model) -> pa.Table:
    """Return the weight (bits) of every comparison of scored pairs, in `WEIGHT_SCHEMA`.

    `scored` is the result of `score_pairs`. One row per pair and comparison, by pair and place: the
    prior first, then the comparisons in the order of the model, each with the label of the pair's
    level. The weights of a pair add up to its match weight.
    """
    parts = [
        f"select left_mention_key, right_mention_key, 0 as comparison_place,"
        f" '{PRIOR}' as comparison_code, '{PRIOR}' as level_code, {model.prior_weight!r} as weight"
        " from scored"
    ]
    parts += [
        f"select left_mention_key, right_mention_key, {place}, '{name}',"
        f" {_label_sql(name, model)}, weight_{name} from scored"
        for place, name in enumerate(model.comparison_names, start=1)
    ]
    ordered = (
        " union all ".join(parts)
        + " order by left_mention_key, right_mention_key, comparison_place"
    )
    with duckdb.connect(":memory:") as connection:
        connection.register("scored", scored)
        return connection.execute(ordered).to_arrow_table().cast(WEIGHT_SCHEMA)


def _link_sql(model: Model) -> str:
    """SQL for the links: method and evidence follow from the levels of a pair."""
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
    """SQL for the link method: the strongest evidence first, the sum of weights last."""
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
    """SQL for the comparisons with a positive weight, as `comparison=level`, highest first."""
    weighed = ", ".join(
        f"{{'weight': weight_{name}, 'level': '{name}=' || {_label_sql(name, model)}}}"
        for name in model.comparison_names
    )
    return (
        "array_to_string(list_transform(list_reverse(list_sort(list_filter("
        f"[{weighed}], lambda each: each.weight > 0))), lambda each: each.level), '+')"
    )


def _label_sql(name: str, model: Model) -> str:
    labels = model.level_labels(name)
    return f"case gamma_{name} " + " ".join(
        f"when {gamma} then '{label}'" for gamma, label in sorted(labels.items())
    ) + " end"  # fmt: skip


def _on(name: str, labels: tuple[str, ...], model: Model) -> str:
    """SQL condition: the pair is on one of these levels of the comparison."""
    gammas = ", ".join(map(str, model.gammas(name, list(labels))))
    return f"gamma_{name} in ({gammas})"
