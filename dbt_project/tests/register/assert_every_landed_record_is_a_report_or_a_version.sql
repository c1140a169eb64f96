-- Fails if a landed record is missing from the register. In each current delivery,
-- every received record must be a published report, another version of one,
-- quarantined or erased. A version has the identifier of the report and, if both starts
-- are known, starts within 400 days of it. Within one delivery, it must also not differ
-- from the report in date of birth or person number.
{% set no_text = 'cast(null as varchar)' %}
{% set no_date = 'cast(null as date)' %}
{% set tables = [
    ('stg_police_reports__reports', 'report_ref', no_text, 'dob_date',
     'coalesce(last_seen_at, reported_at)'),
    ('stg_authority_extract__ssd_missing', 'miss_table_id', 'lower(miss_person_id)',
     no_date, 'missing_start_at'),
    ('stg_authority_return__missing', return_absence_id(), 'lower(child)', no_date,
     'cast(mis_start_date as timestamp)'),
] %}
with

{% for table in tables %}
    numbered_{{ loop.index }} as (
        {{ numbered_records(
            ref(table[0]), ref('int_report_numbers'), table[1], 'report_id'
        ) }}
    ),
{% endfor %}

records as (
    {% for table in tables %}
        {% set feed, name = (table[0] | replace('stg_', '')).split('__') %}
        select
            '{{ feed }}' as feed,
            '{{ name }}' as table_name,
            supplier_code,
            report_id,
            {{ table[2] }} as person_number,
            {{ table[3] }} as birth_date,
            {{ table[4] }} as started_at,
            _delivery_id,
            _file,
            _row_number,
        from numbered_{{ loop.index }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

facts as (
    select * from {{ ref('fct_reports') }}
),

placed as (
    select
        records.*,
        facts.report_id_register,
    from records
    left join facts
        on
            records.feed = facts.feed
            and records._delivery_id = facts.delivery_id
            and records._file = facts.file_name
            and records._row_number = facts.row_number
),

published as (
    select * from placed
    where report_id_register is not null
),

versions as (
    select placed.*
    from placed
    inner join published
        on
            placed.feed = published.feed
            and placed.supplier_code = published.supplier_code
            and placed.report_id = published.report_id
    where
        placed.report_id_register is null
        and not coalesce(
            placed._delivery_id = published._delivery_id
            and (
                placed.birth_date != published.birth_date
                or placed.person_number != published.person_number
            ),
            false
        )
        and coalesce(
            abs({{ function('hours_between') }}(
                placed.started_at, published.started_at
            )) < 24 * 400, true
        )
),

accounted as (
    select * from published
    union all
    select * from versions
),

counted as (
    select
        feed,
        table_name,
        _delivery_id,
        count(*) as record_count,
    from accounted
    group by feed, table_name, _delivery_id
),

received as (
    select
        feed,
        table_name,
        delivery_id,
        sum(received_row_count) as received_row_count,
        sum(quarantined_row_count + erased_row_count) as left_out_row_count,
    from {{ ref('stg_ledger__tables') }}
    where table_name in ('reports', 'ssd_missing', 'missing')
    group by feed, table_name, delivery_id
),

deliveries as (
    select * from {{ ref('stg_ledger__deliveries') }}
    where is_current
)

select
    received.feed,
    received.delivery_id,
    received.received_row_count,
    received.left_out_row_count,
    coalesce(counted.record_count, 0) as report_and_version_count,
from received
inner join deliveries on received.delivery_id = deliveries.delivery_id
left join counted
    on
        received.feed = counted.feed
        and received.table_name = counted.table_name
        and received.delivery_id = counted._delivery_id
where
    received.received_row_count
    != received.left_out_row_count + coalesce(counted.record_count, 0)
