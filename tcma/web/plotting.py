"""The one place that imports pygal, and takes its old import hook out again."""

import sys

import pygal
from pygal.style import Style

__all__ = ["Style", "pygal"]

# The hook has no find_spec: with it, Python warns whenever an import fails.
sys.meta_path[:] = [hook for hook in sys.meta_path if type(hook).__name__ != "PluginImportFixer"]
