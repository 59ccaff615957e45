"""Which process of the suite takes which file: there is one more of them than there are processors.

The first takes those that mostly wait, for a program or a browser, the others those that compute, and when one end of
the list is used up they meet. So a processor has something to do while a test waits, to the end.
"""

import pytest
from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController


def order(item: pytest.Item) -> int:
    """Waiting files first; the longest of the others last, where the others begin."""
    waits = item.get_closest_marker("slow") or item.path.parent.name == "browser"
    return -1 if waits else int(item.path.parent.name == "access")


class FromBothEnds(LoadFileScheduling):
    """What a file builds once, one process builds once."""

    def _assign_work_unit(self, node: WorkerController) -> None:
        first = node is next(iter(self.assigned_work))
        self.workqueue.move_to_end(next(iter(self.workqueue) if first else reversed(self.workqueue)), last=False)
        super()._assign_work_unit(node)
