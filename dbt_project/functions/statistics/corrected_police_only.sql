case
    when rule = 'in_care' then cast(police_only_count as double) * police_only_factor
    when rule = 'every_child' then both_count + police_only_count - {{ function('corrected_both') }}(rule, both_count, police_only_count, authority_only_count, both_factor)
end
