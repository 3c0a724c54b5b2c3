"""New numbers for worked maths problems, without a model."""

from taskseed.numeric.rewrite import vary
from taskseed.numeric.template import Refusal, Template, Variant
from taskseed.numeric.trace import trace

__all__ = ["Refusal", "Template", "Variant", "trace", "vary"]
