"""Dashboards: fairness, absence, rules, leave, vacancies, each from one source for all its forms."""
