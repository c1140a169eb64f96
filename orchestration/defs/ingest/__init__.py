"""Assets of landing: what suppliers delivered, and the tables that dbt reads.

Reading and checking deliveries belongs in `register.feeds`.
"""
