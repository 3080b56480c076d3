"""Settings name the variable that is wrong."""

from __future__ import annotations

import pytest

from rota.errors import InvalidInput
from rota.settings import Settings, load_settings


def _load(**values: object) -> Settings:
    return load_settings(_env_file=None, **values)


@pytest.mark.parametrize("key", ["", "x" * 49])
def test_a_weak_key_is_refused_outside_debug(key: str) -> None:
    with pytest.raises(InvalidInput, match="SECRET_KEY"):
        _load(secret_key=key, debug=False).check_serving()
    _load(secret_key=key, debug=True).check_serving()


@pytest.mark.parametrize("hosts", ["*", "rota.example.org,*", ""])
def test_any_host_is_refused_outside_debug(hosts: str) -> None:
    with pytest.raises(InvalidInput, match="ALLOWED_HOSTS"):
        _load(secret_key="x" * 50, debug=False, allowed_hosts=hosts).check_serving()


def test_hosts_are_split_at_commas() -> None:
    settings = _load(secret_key="x" * 50, debug=False, allowed_hosts="a.example, b.example")
    settings.check_serving()
    assert settings.allowed_hosts == ("a.example", "b.example")


@pytest.mark.parametrize("prefix", ["postgres", "postgresql"])
def test_the_plans_database_address_uses_psycopg_3(prefix: str) -> None:
    url = _load(database_url=f"{prefix}://u:p@h:5432/d").resolved_database_url
    assert url == "postgresql+psycopg://u:p@h:5432/d"


@pytest.mark.parametrize(
    ("name", "value"),
    [("email_port", "many"), ("lp_solver", "Gurobi"), ("prophet_parallel_workers", 0),
     ("log_level", "LOUD")],
)  # fmt: skip
def test_a_wrong_value_names_its_variable(name: str, value: object) -> None:
    with pytest.raises(InvalidInput, match=name.upper()):
        _load(**{name: value})
