"""A persistent pool of forked workers for fits, one series or unit per task.

Threads gain nothing here (the fits hold the interpreter), and spawned processes lose to
their imports what they win. So the heavy modules are imported once, the pool forks
before any thread starts, and it is kept for the life of the command.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from types import TracebackType
from typing import Generic, TypeVar

from rota.errors import Unavailable

Task = TypeVar("Task")
Result = TypeVar("Result")

#: numeric libraries must not start threads of their own in each worker
THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def one_thread_each() -> None:
    """Keep numeric libraries to one thread; call before numpy is imported to take effect."""
    for variable in THREAD_VARIABLES:
        os.environ.setdefault(variable, "1")


def worker_count(asked: int = 0) -> int:
    """The number of workers: as asked, or one per core this process may use."""
    if asked > 0:
        return asked
    if hasattr(os, "sched_getaffinity"):
        return max(len(os.sched_getaffinity(0)), 1)
    return os.cpu_count() or 1


class Pool(Generic[Task, Result]):
    """Workers that run one function on many tasks; results come as they are done."""

    def __init__(self, function: Callable[[Task], Result], workers: int) -> None:
        self._function = function
        self._workers = workers
        self._executor: ProcessPoolExecutor | None = None

    def __enter__(self) -> Pool[Task, Result]:
        if self._workers > 1:
            self._executor = self._forked(self._workers)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._executor is not None:
            self._executor.shutdown(wait=True, cancel_futures=True)
            self._executor = None

    def run(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, Result | Exception]]:
        """Each task with its result, or with the error it ended in, in order of completion.

        Only a few tasks per worker are queued at a time, so a long list costs no memory. When
        a worker is killed, the tasks under way are tried once more, each in a process of its
        own; the one that kills that too ends in :class:`Unavailable`, and the rest go on.
        """
        if self._executor is None:
            for task in tasks:
                yield task, _outcome(self._function, task)
            return
        waiting = iter(tasks)
        running: dict[Future[Result | Exception], Task] = {}
        while True:
            try:
                for task in islice(waiting, 2 * self._workers - len(running)):
                    running[self._submit(task)] = task
                if not running:
                    return
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    outcome = future.result()
                    yield running.pop(future), outcome
            except BrokenProcessPool:
                suspects = list(running.values())
                running = {}
                # the old pool is gone with its threads before another is forked
                self._executor.shutdown(wait=True, cancel_futures=True)
                for task in suspects:
                    yield task, self._alone(task)
                self._executor = self._forked(self._workers)

    def _submit(self, task: Task) -> Future[Result | Exception]:
        """Hand a task over; in a pool that broke meanwhile it fails like those under way."""
        assert self._executor is not None
        try:
            return self._executor.submit(_outcome, self._function, task)
        except BrokenProcessPool as broken:
            failed: Future[Result | Exception] = Future()
            failed.set_exception(broken)
            return failed

    def _alone(self, task: Task) -> Result | Exception:
        with self._forked(1) as single:
            try:
                return single.submit(_outcome, self._function, task).result()
            except BrokenProcessPool:
                return Unavailable(
                    "A forecasting worker was killed.",
                    hint="The last good model stays; the machine may be short of memory.",
                )

    @staticmethod
    def _forked(workers: int) -> ProcessPoolExecutor:
        method = "fork" if sys.platform != "win32" else "spawn"
        return ProcessPoolExecutor(
            workers,
            mp_context=multiprocessing.get_context(method),
            initializer=_start_worker,
        )


def _outcome(function: Callable[[Task], Result], task: Task) -> Result | Exception:
    try:
        return function(task)
    except Exception as problem:
        return problem


def _start_worker() -> None:
    # what was inherited is shared and stays; numbers make few cycles worth looking for
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    # Ctrl-C goes to the whole group: the parent decides, workers just end
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # a handler inherited from the parent would outlive its SIGTERM: when another worker is
    # killed, one that still hands its result over must end, or the parent waits for it for ever
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
