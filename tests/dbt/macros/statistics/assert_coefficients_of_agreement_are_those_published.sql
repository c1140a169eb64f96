-- Fails if coefficients of agreement differ from published examples. Sources: Feinstein
-- and Cicchetti 1990, Journal of Clinical Epidemiology 43:543-549; Cicchetti and
-- Feinstein 1990, 43:551-558; Sim and Wright 2005, Physical Therapy 85:257-268; Gwet
-- 2002, Statistical Methods for Inter-Rater Reliability Assessment 1.
with

tables as (
    select
        'Feinstein and Cicchetti, low prevalence' as case_name,
        80 as both_yes,
        10 as first_yes,
        5 as second_yes,
        5 as both_no,
        0.32 as expected_kappa,
        null as expected_ac1,
        0.91 as expected_positive,
        0.40 as expected_negative,
    union all
    select
        'Feinstein and Cicchetti, even prevalence' as case_name,
        40 as both_yes,
        9 as first_yes,
        6 as second_yes,
        45 as both_no,
        0.70 as expected_kappa,
        null as expected_ac1,
        0.84 as expected_positive,
        0.86 as expected_negative,
    union all
    select
        'Sim and Wright' as case_name,
        22 as both_yes,
        2 as first_yes,
        4 as second_yes,
        11 as both_no,
        0.67 as expected_kappa,
        null as expected_ac1,
        null as expected_positive,
        null as expected_negative,
    union all
    select
        'Gwet' as case_name,
        118 as both_yes,
        5 as first_yes,
        2 as second_yes,
        0 as both_no,
        -0.0234 as expected_kappa,
        0.9408 as expected_ac1,
        null as expected_positive,
        0.0 as expected_negative,
),

found as (
    select
        *,
        {{ function('cohens_kappa') }}(both_yes, first_yes, second_yes, both_no) as kappa,
        {{ function('gwets_ac1') }}(both_yes, first_yes, second_yes, both_no) as ac1,
        {{ function('positive_agreement') }}(both_yes, first_yes, second_yes) as positive,
        {{ function('negative_agreement') }}(both_no, first_yes, second_yes) as negative,
        case when expected_ac1 is null then 0.005 else 0.00005 end as rounding,
    from tables
),

final as (
    select * from found
    where
        abs(kappa - expected_kappa) > rounding
        or abs(ac1 - expected_ac1) > rounding
        or abs(positive - expected_positive) > rounding
        or abs(negative - expected_negative) > rounding
)

select * from final
