"""Where the worker finds the ticks of this floor's subjects."""

from .cases.tasks import watch_clocks
from .endpoints.tasks import ask_for_all, compute_runs

__all__ = ["ask_for_all", "compute_runs", "watch_clocks"]
