"""Links: scored pairs of mentions with band, probability, link method and evidence in words.

`scoring` computes the sum of weights. The prior of the load's mentions then turns the sum into
odds. Cannot-link constraints outweigh any link; they are in `cluster`.
"""

from __future__ import annotations

from typing import NamedTuple

import duckdb
import numpy as np
import pyarrow as pa

from register.identity.score.estimation import estimate_prior
from register.identity.score.model import Model, ModelError, prior_weight
from register.identity.score.scoring import MAX_PRIOR_SHIFT
from register.queries import read_query

# What context adds to the weight of a doubtful pair, in order (`cluster.doubtful_pairs`).
CONTEXT_TYPE = pa.list_(
    pa.struct([("code", pa.string()), ("level", pa.string()), ("weight", pa.float64())])
)
LINK_SCHEMA = pa.schema(
    [
        ("left_mention_key", pa.string()),
        ("right_mention_key", pa.string()),
        ("match_weight", pa.float64()),
        ("match_probability", pa.float64()),
        ("link_method", pa.string()),
        ("evidence", pa.string()),
        ("band", pa.string()),
        ("capped_by", pa.string()),
        ("is_exact", pa.bool_()),
        ("is_strict", pa.bool_()),
        ("is_loose", pa.bool_()),
        ("differs_in_sex_alone", pa.bool_()),
        ("context", CONTEXT_TYPE),
    ]
)

# The model's prior counts as this number of pairs, which some 1,400 mentions have.
PRIOR_PAIRS = 1_000_000
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
# Levels with two equal dates of birth; `default_day` marks a default date such as 1 January.
SAME_BIRTH_DATE = ("same", "default_day")
# Levels on which both records have the same forename, perhaps spelt differently or in another
# field; and those of two surnames, and of two dates of birth, that are not alike.
ONE_FORENAME = (
    "same", "another_forename", "nickname", "one_letter_off", "same_sound", "swapped_with_surname",
    "same_tokens",
)  # fmt: skip
ONE_SURNAME = ("same", "another_surname", "not_weighed")
UNLIKE_DATES = ("differs", "two_parts_equal")
NOT_SHARED = frozenset({"not_known", "identifiers_differ"})


class LoadPrior(NamedTuple):
    """The prior of the load's mentions, and the bits by which it exceeds the model's (`shift`)."""

    probability: float
    shift: float


def estimate_load_prior(scored: pa.Table, mention_count: int, model: Model) -> LoadPrior:
    """Estimate the probability (0-1) that two of these mentions are about one child.

    The probability falls as the number of mentions grows, so it is estimated anew for each load.
    The method is expectation maximisation over the pairs of `score_pairs`, with the model's m and
    u. Pairs under a cap often share a family or a home but are not one child. So the bits by which
    their weights overstate the evidence are subtracted. The model's prior counts as `PRIOR_PAIRS`
    pairs, so that a few records cannot determine the result. The result is at most
    `MAX_PRIOR_SHIFT` bits from the model's prior.
    """
    taken_off = {cap.name: cap.overstated_by for cap in model.caps}
    codes = scored["capped_by"].to_pylist()
    bits = np.array([taken_off.get(code, 0.0) if code else 0.0 for code in codes])
    # A sum of floating-point numbers depends on their order, and pairs have no fixed order.
    weights = np.sort(scored["match_weight"].to_numpy() - bits)
    pair_count = mention_count * (mention_count - 1) // 2
    model_prior = model.probability_two_random_records_match
    own_prior = estimate_prior(weights, model_prior, pair_count) if len(weights) else model_prior
    prior = (own_prior * pair_count + model_prior * PRIOR_PAIRS) / (pair_count + PRIOR_PAIRS)
    shift = prior_weight(prior) - prior_weight(model_prior)
    shift = min(max(shift, -MAX_PRIOR_SHIFT), MAX_PRIOR_SHIFT)
    return LoadPrior(1 / (1 + 2.0 ** -(prior_weight(model_prior) + shift)), shift)


def links_from_scores(scored: pa.Table, model: Model, mention_count: int) -> pa.Table:
    """Return the scored pairs as links, in `LINK_SCHEMA` and in order of keys.

    `scored` is the result of `score_pairs` for `mention_count` mentions.

    - `match_weight` includes the prior of these mentions (`estimate_load_prior`).
    - `match_probability` (0-1) follows from the weight, for links by the calibration of their kind
      (`Calibration`).
    - `link_method` is the strongest evidence for a pair of band `link`: an identifier, the names
      with the date of birth, or the sum of the weights. All other pairs have `evidence_only`.
    - `evidence` lists the comparisons with a positive weight and their levels, highest weight
      first.
    - `is_exact` says whether forename, surname and date of birth are equal.
    - `is_strict` and `is_loose` say whether the pair links at that threshold.
    - `differs_in_sex_alone` says whether the sexes differ, and names and dates of birth are alike.

    Band and weight come from the two records alone. `cluster.doubtful_pairs` weighs all pairs but
    links anew, and fills `context`.
    """
    with duckdb.connect(":memory:") as connection:
        connection.register("scored", scored)
        shift = estimate_load_prior(scored, mention_count, model).shift
        links = connection.execute(_links_sql(model, shift)).to_arrow_table()
    return links.cast(LINK_SCHEMA)


def calibrated_probability(match_weight: float, method: str, model: Model) -> float:
    """Return the probability (0-1) that a link by this method is true.

    Raises `ModelError` if the model has no calibration of the method.
    """
    for each in model.calibrations:
        if each.name == method:
            return float(1 / (1 + 2.0 ** -min(max(each.log_odds(match_weight), -500), 500)))
    raise ModelError(f"the model has no calibration of {method}")


def apply_threshold(links: pa.Table, linkage: str) -> pa.Table:
    """Return links with bands at the strict or loose threshold; central links stay unchanged.

    Raises `ValueError` for any other `linkage`.
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


def list_weights(scored: pa.Table, model: Model, links: pa.Table | None = None) -> pa.Table:
    """Return the weights (bits) that add up to the match weight of each pair, in `WEIGHT_SCHEMA`.

    `scored` is the result of `score_pairs`. Each pair has one row for the prior, then one for each
    comparison in the model's order, with the label of the pair's level, and then what context adds.
    With `links` (in `LINK_SCHEMA`), the result has only their pairs, with the load's prior. Without
    `links` it has all pairs, with the model's prior and no context.
    """
    first = len(model.comparison_names)
    added = "coalesce(list_sum(list_transform(context, lambda each: each.weight)), 0)"
    parts = [
        f"select left_mention_key, right_mention_key, 0 as comparison_place,"
        f" '{PRIOR}' as comparison_code, '{PRIOR}' as level_code,"
        f" links.match_weight - {added} - scored.match_weight + {model.prior_weight!r} as weight"
        " from scored inner join links using (left_mention_key, right_mention_key)",
        f"select left_mention_key, right_mention_key, {first} + place, code, level, weight"
        " from (select left_mention_key, right_mention_key,"
        " generate_subscripts(context, 1) as place, unnest(context, recursive := true) from links)",
    ]
    parts += [
        f"select left_mention_key, right_mention_key, {place}, '{name}',"
        f" {_label_sql(name, model)}, weight_{name}"
        " from scored inner join links using (left_mention_key, right_mention_key)"
        for place, name in enumerate(model.comparison_names, start=1)
    ]
    ordered = (
        " union all ".join(parts)
        + " order by left_mention_key, right_mention_key, comparison_place"
    )
    with duckdb.connect(":memory:") as connection:
        connection.register("scored", scored)
        ends = ["left_mention_key", "right_mention_key", "match_weight"]
        if links is None:
            empty = pa.nulls(scored.num_rows, CONTEXT_TYPE)
            links = scored.select(ends).append_column("context", empty)
        connection.register("links", links.select([*ends, "context"]))
        return connection.execute(ordered).to_arrow_table().cast(WEIGHT_SCHEMA)


def _links_sql(model: Model, shift: float) -> str:
    """Return SQL for the links: bands, methods and evidence from weights, caps and levels."""
    thresholds = model.thresholds
    return read_query(
        __package__,
        "banded_links",
        shift=repr(shift),
        link=thresholds.link,
        log_odds=_log_odds_sql(model),
        method=_method_sql(model),
        evidence=_evidence_sql(model),
        same_forename=_level_sql("forename", ("same",), model),
        same_surname=_level_sql("surname", ("same",), model),
        same_birth_date=_level_sql("birth_date", SAME_BIRTH_DATE, model),
        strict=thresholds.strict,
        loose=thresholds.loose,
        differs_in_sex_alone=_sex_alone_sql(model),
    )


def _sex_alone_sql(model: Model) -> str:
    if "sex" not in model.comparison_names:
        return "false"
    return " and ".join([
        _level_sql("sex", ("differs",), model),
        _level_sql("forename", ONE_FORENAME, model),
        _level_sql("surname", ONE_SURNAME, model),
        f"not {_level_sql('birth_date', UNLIKE_DATES, model)}",
    ])  # fmt: skip


def _log_odds_sql(model: Model) -> str:
    """Return SQL for a pair's log odds (bits), by the first calibration that fits a link."""
    kinds = []
    for each in filter(lambda calibration: calibration.when, model.calibrations):
        conditions = ["band = 'link'"]
        conditions += [
            _level_sql(name, tuple(labels), model) if name in model.comparison_names else "false"
            for name, labels in each.when.items()
        ]
        kinds.append(
            f"when {' and '.join(conditions)} then {each.offset!r} + {each.slope!r} * match_weight"
        )
    return f"case {' '.join(kinds)} else match_weight end" if kinds else "match_weight"


def _method_sql(model: Model) -> str:
    """Return SQL for the link method: the strongest evidence first, and the sum of weights last.

    A pair outside band `link` has the method `evidence_only`.
    """
    same_date = _level_sql("birth_date", SAME_BIRTH_DATE, model)
    shared = [
        f"when {_level_sql('identifier', (label,), model)} then '{label}'"
        for gamma, label in sorted(model.level_labels("identifier").items(), reverse=True)
        if label not in NOT_SHARED
    ]
    return f"""case
        when band != 'link' then 'evidence_only'
        {" ".join(shared)}
        when {_level_sql("forename", ("same",), model)}
            and {_level_sql("surname", ("same",), model)} and {same_date}
            then 'exact_name_and_birth_date'
        when {_level_sql("forename", ("swapped_with_surname",), model)} and {same_date}
            then 'swapped_name_and_birth_date'
        else 'sum_of_weights'
    end"""


def _evidence_sql(model: Model) -> str:
    """Return SQL for the comparisons with a positive weight, as `comparison=level`."""
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


def _level_sql(name: str, labels: tuple[str, ...], model: Model) -> str:
    """Return the SQL condition that a pair is on one of these levels of the comparison."""
    gammas = ", ".join(map(str, model.find_gammas(name, list(labels))))
    return f"gamma_{name} in ({gammas})"
