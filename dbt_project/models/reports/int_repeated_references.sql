{{ config(materialized='view') }}
{#
    The relations whose records have a reference: relation, kind of reference, reference
    and its column, then columns that describe the person, then times.
    `register.report_versions` decides which records are versions of one report.
#}
{% set no_text = 'cast(null as varchar)' %}
{% set no_date = 'cast(null as date)' %}
{% set no_time = 'cast(null as timestamp)' %}
{% set tables = [
    ('stg_police_reports__reports', 'report', 'report_ref', 'report_ref', 'person_ref',
     'forenames', 'surname', 'dob_date', 'last_seen_at', 'reported_at', 'found_at',
     'returned_at'),
    ('stg_authority_extract__ssd_missing', 'report', 'miss_table_id', 'miss_table_id',
     'miss_person_id', no_text, no_text, no_date, 'missing_start_at', no_time, no_time,
     'missing_end_at'),
    ('stg_authority_extract__return_interviews', 'interview', 'interview_id',
     'interview_id', 'miss_table_ids', no_text, no_text, no_date, 'offered_at', no_time,
     no_time, 'held_at'),
    ('stg_authority_return__missing', 'report', return_absence_id(), 'mis_start', 'child',
     no_text, no_text, no_date, 'cast(mis_start_date as timestamp)', no_time, no_time,
     'cast(mis_end_date as timestamp)'),
] %}
with

deliveries as (
    select * from {{ ref('stg_ledger__deliveries') }}
    where is_current
),

{% set details = ['person_number', 'forenames', 'surname', 'birth_date'] %}
{% set times = ['last_seen_at', 'reported_at', 'found_at', 'returned_at'] %}
records as (
    {% for table in tables %}
        {% set feed, name = (table[0] | replace('stg_', '')).split('__') %}
        select
            '{{ table[1] }}' as kind,
            {{ "'" ~ feed ~ ":' || " if table[1] == 'report' }}supplier_code as issuer,
            supplier_code,
            '{{ feed }}' as feed,
            '{{ name }}' as table_name,
            '{{ table[3] }}' as column_name,
            {{ table[2] }} as reference,
            {% for column in details + times %}
                {{ table[4 + loop.index0] }} as {{ column }},
            {% endfor %}
            _delivery_id,
            _file,
            _row_number,
        from {{ ref(table[0]) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- Most references are left out here: all their records can be versions of one report or
-- interview.
repeated as (
    select
        kind,
        issuer,
        reference,
    from records
    group by kind, issuer, reference
    having
        count(*) > count(distinct _delivery_id)
        {% for column in details %}
            or {{ 'min(lower(%s)) != max(lower(%s))' % (column, column)
                if column != 'birth_date' else 'min(birth_date) != max(birth_date)' }}
        {% endfor %}
        {% for column in times[:2] %}
            or {{ function('hours_between') }}(
                min({{ column }}), max({{ column }})
            ) > 48
        {% endfor %}
        or (
            count(*) > 1
            and max(last_seen_at) is null
            and max(reported_at) is null
        )
),

final as (
    select
        records.*,
        deliveries.period_start,
        deliveries.period_end,
    from records
    inner join repeated
        on
            records.kind = repeated.kind
            and records.issuer = repeated.issuer
            and records.reference = repeated.reference
    inner join deliveries on records._delivery_id = deliveries.delivery_id
)

select * from final
