"""Context features: what other records say about a pair of mentions.

The features of a pair, by the name that the model's terms use:

- `weight`: the sum of its comparisons and the prior (bits); `weight_at_home` is the same if the two
  share an address that few persons have, and `weight_elsewhere` if they do not
- `shared_names`: names that both records have, counted by sound; `other_names`: names of the record
  with fewer names that the other record lacks
- `lead`: bits by which the pair is stronger than the strongest other pair of either record;
  `lead_at_one_end`: the same for the record whose strongest other pair is weaker
- `support`: the weight of the weaker pair with a third record that is like both
- `contradiction`: how much more a third record is like one of the two than like the other (bits)
- `affinity`: how often the two suppliers have records of one child, compared with chance (log2)

The weights that features compare have the bits by which a cap overstates the evidence taken off.
`doubtful_pairs` turns features into a weight.
"""

from __future__ import annotations

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from register.identity.clean import tokenise_name
from register.identity.cluster.cluster_tables import register_name_forms
from register.identity.score import Model
from register.queries import read_query

Floats = npt.NDArray[np.float64]
OF_OTHER_RECORDS = (
    "shared_names", "other_names", "lead", "lead_at_one_end", "contradiction", "support",
    "affinity",
)  # fmt: skip
FEATURES = ("weight_at_home", "weight_elsewhere", *OF_OTHER_RECORDS)
AT_HOME = "postcode=shares_postcode"
# The weight of the strongest other pair, if a record has none, and of a pair that is not scored.
NO_RIVAL, NOT_SCORED = -20.0, -12.0
# Third records are those of the strongest pairs of a record, from this weight on.
NEAR_WEIGHT, MOST_NEAR = 0.0, 12
TOKEN_SCHEMA = pa.schema([("name", pa.string()), ("token", pa.string())])
FILL_RECORDS = """
create temp table records as
select record_id, any_value(issuer_code) as issuer_code,
    list_distinct(list(token) filter (token is not null)) as tokens
from (select record_id, issuer_code, unnest(names) as name from named)
left join forms using (name)
group by record_id
union all
select record_id, issuer_code, [] from named where len(names) = 0
"""
ENDS = ("left_mention_key", "right_mention_key")


def measure_features(mentions: pa.Table, links: pa.Table, model: Model) -> dict[str, Floats]:
    """Return the context features of each pair of `links`, by name; NaN stands for no value.

    `mentions` is in `MENTION_SCHEMA` and `links` in `LINK_SCHEMA`, with the match weights of pairs
    before any context.
    """
    ordered = mentions.select(["mention_key", "issuer_code", "names"]).sort_by("mention_key")
    keys = ordered["mention_key"]
    records = pa.table(
        {
            "record_id": pa.array(np.arange(ordered.num_rows)),
            "issuer_code": ordered["issuer_code"],
            "names": ordered["names"],
        }
    )
    left, right = (pc.index_in(links[name], value_set=keys).to_numpy() for name in ENDS)
    weights = links["match_weight"].to_numpy()
    overstated = {cap.name: cap.overstated_by for cap in model.caps}
    taken_off = [overstated.get(cap, 0.0) if cap else 0.0 for cap in links["capped_by"].to_pylist()]
    pairs = pa.table(
        {
            "pair_id": np.arange(len(weights)),
            "left_id": left.astype(np.int64),
            "right_id": right.astype(np.int64),
            "weight": weights - np.array(taken_off),
        }
    )
    statement = read_query(
        __package__,
        "context_features",
        none=NO_RIVAL,
        unlike=NOT_SCORED,
        near=NEAR_WEIGHT,
        most_near=MOST_NEAR,
        sure=model.thresholds.link,
    )
    with duckdb.connect(":memory:") as connection:
        connection.register("named", records)
        register_name_forms(connection, "named", TOKEN_SCHEMA, _list_tokens)
        connection.execute(FILL_RECORDS)
        connection.register("pairs", pairs)
        table = connection.execute(statement).to_arrow_table()
    floats = {name: table[name].cast(pa.float64()).to_numpy() for name in OF_OTHER_RECORDS}
    is_at_home = pc.match_substring(links["evidence"], AT_HOME).to_numpy()
    return {
        "weight": weights,
        "weight_at_home": np.where(is_at_home, weights, np.nan),
        "weight_elsewhere": np.where(is_at_home, np.nan, weights),
        **floats,
    }


def _list_tokens(name: str) -> list[tuple[str]]:
    return [(token,) for token in sorted(tokenise_name(name))]
