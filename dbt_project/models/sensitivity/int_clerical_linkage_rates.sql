{{ config(materialized='ephemeral') }}

with

pairs as (
    select * from {{ ref('int_linkage_pairs') }}
    where scope_code = 'between'
),

reports as (
    {{ linkable_reports(ref('int_report_intervals')) }}
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
