with

characteristics as (
    select * from {{ ref('agg_characteristics_by_area_year') }}
),

areas as (
    select * from {{ ref('areas') }}
),

final as (
    select
        {{ area_year_columns('characteristics') }},
        characteristics.characteristic_code,
        {{ label_of('characteristics.characteristic_code', 'characteristic') }}
            as characteristic_name,
        characteristics.value_code,
        {{ label_of('characteristics.value_code', 'value') }} as value_name,
        case characteristics.value_code
            {%- for code in value_labels() %}
                when '{{ code }}' then {{ loop.index }}
            {%- endfor %}
        end as sort_order,
        characteristics.children_count,
        characteristics.episode_count,
        characteristics.missing_children_count,
        characteristics.missing_episode_count,
        characteristics.episode_share,
        characteristics.both_expected_count as in_scope_count,
        characteristics.both_when_expected_count as matched_in_scope_count,
        characteristics.both_when_expected_share as matched_share_in_scope,
        characteristics.both_when_expected_share_lower as matched_share_in_scope_lower,
        characteristics.both_when_expected_share_upper as matched_share_in_scope_upper,
    from characteristics
    {{ join_areas('characteristics') }}
)

select * from final
