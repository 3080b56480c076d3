"""Gunicorn as it serves in production: ``gunicorn -c deploy/gunicorn.conf.py app:server``.

Threads, because a page waits for the database more than it computes; keep-alive above the
proxy's, or a reused connection is reset under a POST; workers renewed after some thousand
requests, at different times. Under systemd the socket is systemd's.
"""

import multiprocessing
import os
import tempfile

# on every reload (HUP) again: the new workers are of the release that `current` names then
chdir = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
bind = os.environ.get("BIND", "127.0.0.1:8000")
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", multiprocessing.cpu_count()))
threads = 4
keepalive = 75
timeout = 30
graceful_timeout = 30
max_requests = 5000
max_requests_jitter = 500
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None
# nobody steers it but systemd's signals
control_socket_disable = True
accesslog = None
errorlog = "-"

# the processes count into files of one folder, so that /metrics is the sum of them
if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(
        prefix="staff-rota-metrics-", dir=worker_tmp_dir
    )


def child_exit(server, worker):
    """What a dead worker counted stays in the sums; what it held does not."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)
