case when code not in ('unknown', 'unmapped') then code end
