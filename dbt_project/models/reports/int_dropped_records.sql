-- A later delivery replaces an earlier one as a whole. A record that the later delivery
-- leaves out is no longer in the register. This may explain why only the other source
-- has an absence.
{{ config(pre_hook=[
    "{{ choose_known_files('police_reports', 'reports', 'superseded') }}",
    "{{ choose_known_files('authority_extract', 'ssd_missing', 'superseded') }}",
    "{{ choose_known_files('authority_return', 'missing', 'superseded') }}",
]) }}
{% set tables = [
    ('police', 'reports', 'stg_police_reports__reports', 'report_ref', 'report_ref',
     "coalesce(person_ref, 'report:' || report_ref)",
     date_of('coalesce(last_seen_at, reported_at)')),
    ('authority', 'ssd_missing', 'stg_authority_extract__ssd_missing', 'miss_table_id',
     'miss_table_id', 'miss_person_id', date_of('miss_missing_episode_start_date')),
    ('authority', 'missing', 'stg_authority_return__missing', return_absence_id(),
     "child || '|' || coalesce(mis_start, '') || '|' || coalesce(missing, '')", 'child',
     date_of('mis_start')),
] %}
with

keys as (
    select * from {{ ref('int_source_keys') }}
    where kind = 'person'
),

deliveries as (
    select * from {{ ref('stg_ledger__deliveries') }}
),

{% for source, table, staged, reference, delivered, person, start_date in tables %}
    current_{{ table }} as (
        select distinct
            supplier_code,
            {{ reference }} as reference,
            {{ person }} as person_id,
        from {{ ref(staged) }}
    ),

    earlier_{{ table }} as (
        select distinct
            _delivery_id,
            {{ delivered }} as reference,
            {{ person }} as person_id,
            {{ start_date }} as start_date,
        from {{ read_known_files(table) }}
    ),

    dropped_{{ table }} as (
        select
            '{{ source }}' as source,
            deliveries.supplier_code,
            deliveries.period,
            earlier_{{ table }}.person_id,
            earlier_{{ table }}.start_date,
        from earlier_{{ table }}
        inner join deliveries
            on earlier_{{ table }}._delivery_id = deliveries.delivery_id
        left join current_{{ table }}
            on
                deliveries.supplier_code = current_{{ table }}.supplier_code
                and earlier_{{ table }}.reference = current_{{ table }}.reference
                and earlier_{{ table }}.person_id = current_{{ table }}.person_id
        where current_{{ table }}.reference is null
    ),

{% endfor %}
dropped as (
    {% for table in tables %}
        select * from dropped_{{ table[1] }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

final as (
    select
        dropped.source,
        dropped.supplier_code,
        keys.source_key as mention_key,
        dropped.start_date,
        max(dropped.period) as period,
    from dropped
    inner join keys
        on
            dropped.supplier_code = keys.issuer
            and dropped.person_id = keys.source_id
    where dropped.start_date is not null
    group by
        dropped.source, dropped.supplier_code, keys.source_key, dropped.start_date
)

select * from final
