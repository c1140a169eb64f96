both_count + authority_only_count - {{ function('corrected_both') }}(rule, both_count, police_only_count, authority_only_count, both_factor)
