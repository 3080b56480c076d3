"""Leave and absence: policy, entitlement ledger, requests, decisions, sickness.

A day of leave is a rota day: a night shift that starts the evening before the first day of
leave is worked, one that starts on the last day is not.
"""
