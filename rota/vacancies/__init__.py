"""Vacancies and cover: what is open and why, who could fill it, filling it."""
