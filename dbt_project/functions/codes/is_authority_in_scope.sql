case
    when not is_covered then false
    when care_code != 'unknown' then care_code = 'looked_after'
end
