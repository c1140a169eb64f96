case
    when population_code in ('looked_after', 'out_of_area') then 'in_care'
    when population_code = 'every_child' then 'every_child'
end
