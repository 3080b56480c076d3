"""PostgreSQL's and Redis's settings for the size of the machine that they run on."""

from __future__ import annotations

import os
from dataclasses import dataclass

#: what the application and its workers take for themselves on a machine that has everything
APPLICATION_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Machine:
    """Cores, memory (MiB) and whether the database has them for itself."""

    cores: int
    memory_mb: int
    #: the database alone, or the application, Redis and it together
    dedicated: bool = False

    @property
    def database_mb(self) -> int:
        """The memory that PostgreSQL may plan with."""
        return int(self.memory_mb * (0.9 if self.dedicated else 1 - APPLICATION_SHARE))

    @property
    def web_workers(self) -> int:
        """gunicorn's worker processes: one a core (gthread)."""
        return max(1, self.cores)

    @property
    def job_workers(self) -> int:
        """Celery's processes: a quarter of the cores, for solving and training."""
        return max(1, self.cores // 4)


def this_machine(*, dedicated: bool = False) -> Machine:
    """The machine that this runs on."""
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return Machine(os.cpu_count() or 1, pages * size // 2**20, dedicated)


def connections_for(machine: Machine, application_servers: int = 1, threads: int = 4) -> int:
    """Connections that the application can open, with room for backup and people.

    Each web process may use pool and overflow (8 + 8), but no more than its threads at once;
    a worker process uses three.
    """
    web = application_servers * machine.web_workers * (threads + 2)
    return max(50, web + 3 * machine.job_workers * application_servers + 20)


def postgresql_settings(machine: Machine, application_servers: int = 1) -> dict[str, str]:
    """Lines of postgresql.conf. What is acknowledged is on the disk: nothing here loosens that."""
    memory = machine.database_mb
    connections = connections_for(machine, application_servers)
    work_mb = max(4, min(64, memory // (connections * 3)))
    parallel = max(0, min(4, machine.cores // 2))
    return {
        "shared_buffers": f"{max(128, min(memory // 4, 16384))}MB",
        "effective_cache_size": f"{max(256, memory * 3 // 4)}MB",
        "work_mem": f"{work_mb}MB",
        "maintenance_work_mem": f"{max(64, min(2048, memory // 16))}MB",
        "max_connections": str(connections),
        "max_worker_processes": str(max(4, machine.cores)),
        "max_parallel_workers": str(max(2, machine.cores)),
        "max_parallel_workers_per_gather": str(parallel),
        "random_page_cost": "1.1",
        "effective_io_concurrency": "200",
        "wal_compression": "on",
        "max_wal_size": "4GB",
        "min_wal_size": "512MB",
        "checkpoint_completion_target": "0.9",
        "synchronous_commit": "on",
        "password_encryption": "scram-sha-256",
        "log_min_duration_statement": "500ms",
        # the text of a slow statement, never the values of people in it
        "log_parameter_max_length": "0",
        "log_parameter_max_length_on_error": "0",
        "log_lock_waits": "on",
        "deadlock_timeout": "1s",
        "idle_in_transaction_session_timeout": "60s",
        "lock_timeout": "10s",
        "tcp_keepalives_idle": "60",
        "tcp_keepalives_interval": "10",
        "tcp_keepalives_count": "3",
        "timezone": "'UTC'",
        "log_timezone": "'UTC'",
    }


def redis_settings(machine: Machine, password: str) -> dict[str, str]:
    """Lines of redis.conf: cache and queue of one site.

    The queue's keys never expire and the cache's all do, so ``volatile-lru`` drops cache and
    never a job. Jobs are rows in the database anyway: a lost queue is handed over again.
    """
    return {
        "bind": "127.0.0.1 -::1",
        "protected-mode": "yes",
        "requirepass": password,
        "maxmemory": f"{max(128, min(2048, machine.memory_mb // 16))}mb",
        "maxmemory-policy": "volatile-lru",
        "appendonly": "yes",
        "appendfsync": "everysec",
        "tcp-keepalive": "60",
        "timeout": "0",
        "maxclients": "4000",
        "rename-command FLUSHALL": '""',
        "rename-command DEBUG": '""',
    }


def as_lines(settings: dict[str, str], separator: str) -> str:
    """Settings as the lines of a file that says who wrote it."""
    lines = [f"{name}{separator}{value}" for name, value in settings.items()]
    return "\n".join(["# Written by deploy/install for this machine.", *lines, ""])
