-- Absences recorded by both sources, after joining two records of one child that only
-- time kept apart and correcting for missed and false links. The confidence interval
-- combines those of the share and of the two linkage rates, and the number of children
-- to whom missed absences may belong.
{% set statuses = agreement_statuses() %}
{% set identity = [
    'agreement_cell_id', 'linkage_code', 'area_level_code', 'area_code',
    'collection_year', 'population_code', 'total_count',
] %}
with

counts as (
    select * from {{ ref('int_linkage_area_counts') }}
),

rates as (
    select * from {{ ref('int_linkage_rates') }}
),

measured as (
    select
        *,
        {{ joined_key([
            'linkage_code', 'area_level_code', 'area_code', 'collection_year',
            'population_code',
        ]) }} as agreement_cell_id,
        {% for status in statuses %}
            cast({{ status }}_count as double) / nullif(total_count, 0)
                as {{ status }}_share,
        {% endfor %}
    from counts
),

timed as (
    select
        {% for column in identity -%}
            measured.{{ column }},
        {% endfor -%}
        {% for status in statuses -%}
            measured.{{ status }}_count,
            measured.{{ status }}_share,
        {% endfor -%}
        least(
            measured.timing_pair_count,
            measured.police_only_count,
            measured.authority_only_count
        ) as timing_pair_count,
        measured.unit_pair_count,
        rates.basis_code as linkage_basis_code,
        rates.link_precision,
        rates.link_precision_lower,
        rates.link_precision_upper,
        rates.link_recall,
        rates.link_recall_lower,
        rates.link_recall_upper,
        -- Standard error of a total that includes each child with the probability of
        -- its link (Horvitz and Thompson 1952).
        sqrt(
            coalesce(measured.joined_squares, 0) * (1 - rates.link_recall)
        ) / rates.link_recall as joined_error,
    from measured
    inner join rates on measured.linkage_code = rates.linkage_code
),

joined as (
    select
        *,
        both_count + timing_pair_count + unit_pair_count as joined_count,
        police_only_count - timing_pair_count as police_left_count,
        greatest(0, authority_only_count - timing_pair_count - unit_pair_count)
            as authority_left_count,
    from timed
),

moved as (
    select
        *,
        precision_at_fewer_children(
            link_precision, link_recall, joined_count, joined_error
        ) as link_precision_fewer_children,
        precision_at_more_children(
            link_precision, link_recall, joined_count, joined_error
        ) as link_precision_more_children,
    from joined
),

corrected as (
    select
        *,
        {{ corrected_shares_at_every_end() }},
    from moved
),

ranged as (
    select
        *,
        {% for status in statuses %}
            {{ wilson_columns(
                'sampled_' ~ status,
                'corrected_' ~ status ~ '_share * corrected_total_count',
                'corrected_total_count'
            ) }},
        {% endfor %}
    from corrected
),

final as (
    select
        {% for column in identity -%}
            {{ column }},
        {% endfor -%}
        {% for status in statuses -%}
            {{ status }}_count,
        {% endfor -%}
        {% for status in statuses -%}
            {{ status }}_share,
        {% endfor -%}
        timing_pair_count,
        unit_pair_count,
        linkage_basis_code,
        link_precision,
        link_precision_lower,
        link_precision_upper,
        link_recall,
        link_recall_lower,
        link_recall_upper,
        joined_error,
        corrected_both_count,
        corrected_total_count,
        {% for status in statuses %}
            {{ corrected_interval(status) }},
        {% endfor %}
    from ranged
)

select * from final
