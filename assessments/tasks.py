"""Where the worker finds the ticks of this floor's subjects."""

from .endpoints.tasks import ask_for_all, compute_runs

__all__ = ["ask_for_all", "compute_runs"]
