{{ config(materialized='ephemeral') }}

with

pairs as (
    select * from {{ ref('int_linkage_pairs') }}
    where scope_code = 'between'
),

reports as (
    select
        mention_key,
        source,
        report_key,
        start_date,
        start_lower_at,
        coalesce(end_upper_at, start_upper_at) as meets_until_at,
    from {{ ref('int_report_intervals') }}
    where episode_exclusion_reason is null
),

spells as (
    select * from {{ ref('int_care_spells') }}
),

pair_absences as (
    {{ linked_absences('pairs') }}
),

rates as (
    {{ link_rates('pair_absences') }}
)

select * from rates
