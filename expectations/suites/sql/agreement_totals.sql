select
    'in the aggregate' as place,
    (
        select sum(both_count + police_only_count + authority_only_count)
        from agreement.agg_agreement_by_authority_year
    ) as summed_count,
    (select count(*) from agreement.fct_agreement where is_in_scope) as row_count
