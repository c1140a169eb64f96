{#
    Fails with the rows of one thing whose dates overlap. `upper_is_inclusive` says whether the
    last date belongs to the range (dated dimensions) or to the next one (intervals). A range with
    no upper date is open; a range that ends before it starts fails too.
#}
{% test mutually_exclusive_ranges(
    model, partition_by, lower_bound_column, upper_bound_column, upper_is_inclusive=true
) %}
    with ranges as (
        select
            {{ partition_by }} as range_owner,
            {{ lower_bound_column }} as lower_bound,
            {{ upper_bound_column }} as upper_bound,
            lead({{ lower_bound_column }}) over (
                partition by {{ partition_by }}
                order by {{ lower_bound_column }}
            ) as next_lower_bound,
        from {{ model }}
    )

    select *
    from ranges
    where
        lower_bound is null
        or upper_bound < lower_bound
        or (upper_bound is null and next_lower_bound is not null)
        or next_lower_bound {{ '<=' if upper_is_inclusive else '<' }} upper_bound
{% endtest %}
