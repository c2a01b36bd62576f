"""A variant that takes no time to solve, found by name in the worker."""

from __future__ import annotations

from coplan.run import write_json
from coplan.study.store import OUTCOME, Store
from coplan.study.work import Receipt, Task


def settle(task: Task) -> Receipt:
    """Put a result without a plan into the store, as a variant that has none does."""
    store = Store(task.folder)
    with store.making(task.key) as place:
        made = place / "result"
        made.mkdir()
        write_json(made / OUTCOME, {"key": task.key, "status": "infeasible", "message": "empty"})
        store.commit(made, task.key)
    return Receipt()
