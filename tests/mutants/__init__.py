"""Small breaks of rules, each of which a test must see: `make mutants`."""
