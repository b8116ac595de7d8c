"""Tests of the sandbox, driven over HTTP by the official SDK and judged by its types."""
