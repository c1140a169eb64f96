-- Every episode has a row. A report without a usable start belongs to no episode and
-- has a row of its own.
{% set compared_fields = [
    'category', 'start', 'end', 'duration_band', 'looked_after', 'placement',
    'ethnicity', 'sex', 'birth_date', 'care_authority', 'fatal',
] %}
with

agreement_rows as (
    select * from {{ ref('int_agreement_rows') }}
),

fields as (
    select * from {{ ref('int_agreement_fields') }}
),

reasons as (
    select * from {{ ref('int_agreement_reasons') }}
),

authority_spans as (
    {{ version_spans(
        ref('dim_authorities'), 'authority_code_dfe', 'authority_version_id'
    ) }}
),

force_spans as (
    {{ version_spans(
        ref('dim_police_forces'), 'police_force_code', 'police_force_version_id'
    ) }}
),

final as (
    select
        agreement_rows.agreement_id,
        agreement_rows.episode_id_register,
        agreement_rows.report_id_register,
        agreement_rows.status as source_status,
        agreement_rows.status,
        {{ agreement_expectations('agreement_rows') }},
        {{ function('is_in_scope') }}(
            agreement_rows.start_date, agreement_rows.care_status_code
        )
            as is_in_scope,
        reasons.reason_code,
        reasons.reason_strength,
        reasons.reason_basis_code,
        reasons.reason_likelihood_ratio,
        reasons.reason_excess_share,
        reasons.reason_evidence,
        reasons.contributing_reason_codes,
        agreement_rows.authority_code_dfe,
        agreement_rows.police_force_code,
        authority_versions.authority_version_id,
        force_versions.police_force_version_id,
        agreement_rows.collection_year,
        {{ month_of('agreement_rows.start_date') }} as start_month,
        agreement_rows.care_status_code,
        agreement_rows.is_out_of_area,
        agreement_rows.category_police_code,
        agreement_rows.category_authority_code,
        agreement_rows.is_category_equal,
        agreement_rows.start_difference_hours,
        agreement_rows.end_difference_hours,
        fields.duration_difference_hours,
        cast(fields.birth_date_difference_days as integer)
            as birth_date_difference_days,
        {% for field in compared_fields %}
            fields.{{ field }}_agreement_code,
        {% endfor %}
    from agreement_rows
    inner join fields on agreement_rows.agreement_id = fields.agreement_id
    left join reasons on agreement_rows.agreement_id = reasons.agreement_id
    {{ join_version(
        'authority_spans', 'authority_versions', 'authority_code_dfe',
        'agreement_rows.authority_code_dfe', 'agreement_rows.start_date'
    ) }}
    {{ join_version(
        'force_spans', 'force_versions', 'police_force_code',
        'agreement_rows.police_force_code', 'agreement_rows.start_date'
    ) }}
)

select * from final
