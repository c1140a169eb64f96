with

agreement as (
    select * from {{ ref('fct_agreement') }}
),

counted as (
    select
        authority_code_dfe,
        collection_year,
        care_status_code,
        count(*) as total_count,
        {% for status in ['both', 'police_only', 'authority_only'] %}
            count(case when status = '{{ status }}' then 1 end) as {{ status }}_count,
        {% endfor %}
        count(case when is_category_equal then 1 end) as category_equal_count,
        count(case when reason_code = 'D0' then 1 end) as unexplained_count,
        count(case when is_police_expected and is_authority_expected then 1 end)
            as both_expected_count,
        count(
            case
                when is_police_expected and is_authority_expected and status = 'both'
                    then 1
            end
        ) as both_when_expected_count,
    from agreement
    group by authority_code_dfe, collection_year, care_status_code
),

final as (
    select
        authority_code_dfe
        || '|'
        || collection_year
        || '|'
        || care_status_code as agreement_cell_id,
        *,
        {% for status in ['both', 'police_only', 'authority_only'] %}
            cast({{ status }}_count as double) / total_count as {{ status }}_share,
        {% endfor %}
        cast(category_equal_count as double) / nullif(both_count, 0)
            as category_equal_share,
        cast(both_when_expected_count as double) / nullif(both_expected_count, 0)
            as both_when_expected_share,
    from counted
)

select * from final
