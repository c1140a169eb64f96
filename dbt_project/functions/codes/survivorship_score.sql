case rule_code
    when 'authority_first' then case when source_code = 'authority' then 1 else 0 end
    when 'no_default'
        then
            case when value_key like '%-01-01' or value_key like '%-07-01' then 0 else 1 end
    when 'most_often' then occurrences
    when 'latest_known'
        then {{ seconds_between("cast('1970-01-01' as timestamp)", 'known_at') }}
    when 'latest_stated'
        then coalesce(
            {{ elapsed_days("cast('1900-01-01' as date)", 'stated_on') }}, 0
        )
    when 'still_holds' then case when ended_on is null then 1 else 0 end
end
