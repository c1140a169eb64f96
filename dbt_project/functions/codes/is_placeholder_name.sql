lower(trim(name)) in (
    'unknown', 'not known', 'not recorded', 'unk', 'baby', 'babyboy', 'babygirl',
    'baby boy', 'baby girl', 'unborn', 'n/a', 'na', 'none', 'x', 'xx', 'xxx', 'tbc',
    'test', '-', '.'
)
