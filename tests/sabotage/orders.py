"""Gives a child process its orders to fail; what can be ordered stands in `sitecustomize.py` beside this."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from tests.sabotage.sitecustomize import POINTS, SERVICE_POINTS

__all__ = ["POINTS", "SERVICE_POINTS", "sabotaged"]


def sabotaged(environ: Mapping[str, str], **orders: object) -> dict[str, str]:
    """Return *environ* with which a Python process, and those that it starts, carry out the orders."""
    paths = (str(Path(__file__).parent), environ.get("PYTHONPATH", ""))
    # No PANTAU_ variable: `pantau` hands none but its own on to its crawls.
    # No PANTAU_ variable: `pantau` hands none but its own on to its crawls.
    told = json.dumps(orders, default=str)
    return {**environ, "PYTHONPATH": os.pathsep.join(filter(None, paths)), "SABOTAGE": told}
