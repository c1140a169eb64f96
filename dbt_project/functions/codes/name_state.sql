case
    when trim(coalesce(name, '')) = '' then 'missing'
    when {{ function('is_placeholder_name') }}(name) then 'default'
    else 'valid'
end
