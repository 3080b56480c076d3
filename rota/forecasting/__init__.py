"""Daily demand: series, Prophet and its rivals, calibration, backtests and stored forecasts.

Importing this package loads nothing heavy. Prophet, statsforecast and pandas are only
imported by the functions that need them, so the web process can read stored forecasts
without paying for them.
"""
