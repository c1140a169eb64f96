with judged as (
    select
        agreement_id,
        status,
        reason_code,
        {both_expected} as is_expected,
        strftime(start_month, '%Y-%m') as month,
        authority_code_dfe,
        police_force_code
    from {mart}
    where {filter}
),
by_area as (
    unpivot judged
    on authority_code_dfe, police_force_code
    into name area_kind value area_code
),
placed as (
    select
        *,
        count(*) over stretch as total,
        row_number() over (stretch order by agreement_id) as place_in_stretch
    from by_area
    window stretch as (partition by area_code, is_expected, status, reason_code)
),
chosen as (
    select *
    from placed
    qualify row_number() over (
        partition by area_code order by place_in_stretch, agreement_id
    ) <= {most}
)
select
    chosen.area_code,
    chosen.is_expected,
    chosen.status,
    chosen.reason_code,
    chosen.total,
    chosen.month,
    chosen.agreement_id,
    reports.feed,
    reports.supplier_code,
    reports.delivery_id,
    reports.file_name,
    reports.row_number
from chosen
left join register.fct_reports as reports
    on
        chosen.agreement_id
        = coalesce(reports.episode_id_register, reports.report_id_register)
order by
    chosen.area_code, chosen.month, chosen.agreement_id, reports.feed,
    reports.delivery_id, reports.file_name, reports.row_number
