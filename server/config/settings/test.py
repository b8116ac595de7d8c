"""Tests: the same settings; only the pool is off, since the test runner holds one connection a thread itself."""

from config.settings.base import *  # noqa: F403  settings modules extend one another this way
from config.settings.base import DATABASES

del DATABASES["default"]["OPTIONS"]["pool"]
