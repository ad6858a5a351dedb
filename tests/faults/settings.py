"""The product's settings, but for a database engine that can be told to stand still (standing.py)."""

from clinicall.config.settings import *  # noqa: F403
from clinicall.config.settings import DATABASES

DATABASES["default"]["ENGINE"] = "tests.faults.engine"
