"""What a trainer reads: the canonical text of a sample, and how its tokens are counted."""

import re

from taskseed.records import Sample

__all__ = ["TOKENIZER", "canonical_text", "count_tokens"]

TOKENIZER = "taskseed-words-v1: runs of letters, single digits, single other characters"

_TOKEN = re.compile(r"[^\W\d_]+|\d|[^\w\s]|_")


def canonical_text(sample: Sample) -> str:
    """Return the training text: passage, question, options, enrichment, and the answer as words.

    Options are a plain list in the sample's own order, without letters, so that nothing in the text
    depends on a label. Code answers are fenced.
    """
    parts = [sample.context.strip()] if sample.context else []
    question = f"Question: {sample.question.strip()}"
    if sample.options:
        question += "\nOptions:\n" + "\n".join(f"- {option}" for option in sample.options)
    parts.append(question)
    if sample.enrichment.strip():
        parts.append(sample.enrichment.strip())
    if sample.kind == "code":
        parts.append(f"Answer:\n```python\n{sample.answer.strip()}\n```")
    else:
        parts.append(f"Answer: {sample.answer.strip()}")
    return "\n\n".join(parts)


def count_tokens(text: str) -> int:
    """Count tokens by `TOKENIZER`, which needs no model's vocabulary; real tokenizers differ."""
    return sum(1 for _ in _TOKEN.finditer(text))
