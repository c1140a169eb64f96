-- How much of agreement hangs on where the line is drawn: absences matched again at
-- each tolerance, everything else being equal.
with

episodes as (
    select * from {{ ref('int_episodes_counted_by_tolerance') }}
),

-- The nation, years and authorities within years, each by care and for all.
levelled as (
    {% for year, authority in [
        ("'all'", "'all'"),
        ('collection_year', "'all'"),
        ('collection_year', 'authority_code_dfe'),
    ] %}
        {% set is_last = loop.last %}
        {% for care in ["'all'", 'care_status_code'] %}
            select
                tolerance_days,
                is_held_by_police,
                is_held_by_authority,
                {{ authority }} as authority_code_dfe,
                {{ year }} as collection_year,
                {{ care }} as care_status_code,
            from episodes
            {% if not (is_last and loop.last) %}
                union all
            {% endif %}
        {% endfor %}
    {% endfor %}
),

counted as (
    select
        tolerance_days,
        authority_code_dfe,
        collection_year,
        care_status_code,
        count(*) as total_count,
        count(case when is_held_by_police and is_held_by_authority then 1 end)
            as both_count,
        count(case when not is_held_by_authority then 1 end) as police_only_count,
        count(case when not is_held_by_police then 1 end) as authority_only_count,
    from levelled
    group by tolerance_days, authority_code_dfe, collection_year, care_status_code
),

final as (
    select
        {{ joined_key([
            'tolerance_days', 'authority_code_dfe', 'collection_year', 'care_status_code'
        ]) }} as agreement_tolerance_id,
        tolerance_days,
        authority_code_dfe,
        collection_year,
        care_status_code,
        total_count,
        both_count,
        police_only_count,
        authority_only_count,
        {% for status in ['both', 'police_only', 'authority_only'] %}
            cast({{ status }}_count * 1.0 / total_count as double)
                as {{ status }}_share,
            wilson_lower({{ status }}_count, total_count)
                as {{ status }}_share_lower,
            wilson_upper({{ status }}_count, total_count)
                as {{ status }}_share_upper,
        {% endfor %}
    from counted
)

select * from final
