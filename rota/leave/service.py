"""The use cases of leave, under one name.

Ask and take back (:mod:`rota.leave.requests`), decide (:mod:`rota.leave.decisions`). Each
checks the actor on the request or person it loaded, and leaves the commit to the caller.
"""

from rota.leave.decisions import Approved, approve, reject, undo_approval
from rota.leave.requests import Receipt, Withdrawn, request_leave, withdraw

__all__ = [
    "Approved",
    "Receipt",
    "Withdrawn",
    "approve",
    "reject",
    "request_leave",
    "undo_approval",
    "withdraw",
]
