"""Doubtful pairs: those that do not link by their two records alone.

A pair is doubtful if a cap limits it, or if its match weight is below the link threshold. Its
weight is computed anew, from its features and the context model of the linkage model
(`score.context_model`). So a pair under a cap can become a link if other records speak for it. It
cannot if its cap is final, except at the loose threshold. Twins share an address and a date of
birth, so a doubtful pair with both, but not the same forename, needs the weight of a strict link.

If people found nearly all pairs of a clerical sample of one cap to be of one child, the links of
this cap at the loose threshold are links of the register too, even if the cap is final.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from register.identity.cluster.collective_evidence import ENDS, FINAL_CAPS
from register.identity.cluster.context_features import AT_HOME, measure_features
from register.identity.score import (
    CAP,
    CONTEXT_TYPE,
    DISCOUNT,
    NO_CAP,
    WEIGHT,
    Model,
    load_model,
)

LINK_METHOD, SAMPLE_METHOD = "context", "clerical_sample"
SHARED_DATE = "birth_date=(same|another_date|default_day)"
NOT_KNOWN = "not_known"
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class CapSamples:
    """What people found in clerical samples of single caps.

    `supported_caps` are the caps whose pairs link. `unconfirmed` are the keys, in order, of judged
    pairs that people did not find to be of one child. These pairs do not link for their cap.
    """

    supported_caps: frozenset[str] = frozenset()
    unconfirmed: frozenset[tuple[str, str]] = frozenset()


NO_SAMPLES = CapSamples()


def weigh_doubtful_pairs(
    mentions: pa.Table,
    links: pa.Table,
    model: Model | None = None,
    cap_samples: CapSamples = NO_SAMPLES,
) -> pa.Table:
    """Return `links` with the weights, probabilities and bands of doubtful pairs from context.

    `mentions` is in `MENTION_SCHEMA` and `links` in `LINK_SCHEMA`, after collective evidence. A
    pair that links already is unchanged. Pairs below the keep threshold are left out. Without a
    context model, pairs keep their own weights and bands, and those below the review threshold are
    left out.
    """
    chosen = load_model() if model is None else model
    if chosen.context is None:
        return links.filter(pc.greater_equal(links["match_weight"], chosen.thresholds.review))
    if not links.num_rows:
        return links
    is_doubtful = pc.not_equal(links["band"], "link").to_numpy()
    caps = np.array([cap or NO_CAP for cap in links["capped_by"].to_pylist()], dtype=np.str_)
    features = measure_features(mentions, links, chosen)
    contributions = chosen.context.compute_contributions(features, caps)
    weights = features["weight"] + sum(contributions.values())
    # A sex may be recorded anew, so a difference in sex alone takes no pair off the list.
    is_always_listed = pc.fill_null(links["differs_in_sex_alone"], False).to_numpy()
    thresholds = chosen.thresholds
    finals = FINAL_CAPS.union(cap.name for cap in chosen.caps if cap.is_final)
    may_be_twins = _may_be_twins(links["evidence"])
    enough = np.where(may_be_twins, thresholds.strict, thresholds.link)
    is_linked = (weights >= enough) & ~np.isin(caps, sorted(finals))
    is_listed = (weights >= thresholds.review) | is_always_listed
    is_loose = weights >= np.where(may_be_twins, thresholds.link, thresholds.loose)
    is_sampled = is_loose & ~is_linked & _are_supported(links, cap_samples)
    unlinked_methods = links["link_method"].to_pylist()
    changed = {
        "match_weight": weights,
        "match_probability": 1 / (1 + np.exp2(-weights)),
        "link_method": np.select(
            [is_linked, is_sampled], [LINK_METHOD, SAMPLE_METHOD], unlinked_methods
        ),
        "band": np.select([is_linked | is_sampled, is_listed], ["link", "review"], "unlikely"),
        "is_loose": is_loose,
        "context": _list_contributions(contributions, caps, features),
    }
    for name, values in changed.items():
        field = links.schema.field(name)
        column = pc.if_else(pa.array(is_doubtful), pa.array(values, field.type), links[name])
        links = links.set_column(links.column_names.index(name), field, column)
    is_kept = (weights >= thresholds.keep) | is_always_listed
    return links.filter(pa.array(~is_doubtful | is_kept))


def _are_supported(links: pa.Table, cap_samples: CapSamples) -> Flags:
    """Return whether a clerical sample supports each pair's cap, and did not doubt the pair."""
    if not cap_samples.supported_caps:
        return np.zeros(links.num_rows, dtype=np.bool_)
    caps = pa.array(sorted(cap_samples.supported_caps), pa.string())
    unconfirmed = pa.array(["|".join(pair) for pair in cap_samples.unconfirmed], pa.string())
    pairs = pc.binary_join_element_wise(*(links[end] for end in ENDS), "|")
    is_doubted = pc.is_in(pairs, value_set=unconfirmed)
    return pc.and_not(pc.is_in(links["capped_by"], value_set=caps), is_doubted).to_numpy()


def _may_be_twins(evidence: pa.ChunkedArray) -> Flags:
    """Return whether each pair shares a private address and a date of birth, but no first name."""
    is_at_home = pc.match_substring(evidence, AT_HOME).to_numpy()
    is_of_one_name = pc.match_substring_regex(evidence, r"forename=same(\+|$)").to_numpy()
    is_of_one_date = pc.match_substring_regex(evidence, SHARED_DATE).to_numpy()
    return is_at_home & is_of_one_date & ~is_of_one_name


def _list_contributions(
    contributions: dict[str, Floats], caps: npt.NDArray[np.str_], features: dict[str, Floats]
) -> pa.Array:
    """Return, for each pair, what context adds to its weight.

    The level of a cap is its name, and that of a term its feature as a whole number. The level of
    the discount is the weight of the two records alone.
    """
    count, width = len(caps), len(contributions)
    levels = {CAP: pa.array(caps, pa.string())}
    for name in contributions.keys() - levels.keys():
        values = features[WEIGHT if name == DISCOUNT else name]
        rounded = pa.array(np.rint(np.nan_to_num(values)), mask=np.isnan(values))
        levels[name] = rounded.cast(pa.int64()).cast(pa.string()).fill_null(NOT_KNOWN)
    items = pa.StructArray.from_arrays(
        [
            pa.array(np.repeat(list(contributions), count)),
            pa.concat_arrays([levels[name] for name in contributions]),
            pa.array(np.concatenate(list(contributions.values()))),
        ],
        fields=list(CONTEXT_TYPE.value_type),
    )
    by_pair = np.arange(count * width).reshape(width, count).T.ravel()
    offsets = np.arange(0, count * width + 1, width, dtype=np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), items.take(pa.array(by_pair)))
