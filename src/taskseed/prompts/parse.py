"""What writers send back, read as drafts: tolerant of form, strict about content, never inventive.

The replies of solvers are read in `final_answer`; both readers are offered here.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from taskseed.prompts.drafts import Draft, Fault, Malformed, draft_of, malformed
from taskseed.prompts.final_answer import Solved, after_thinking, looks_refused, parse_solve
from taskseed.prompts.jsonish import MAX_CHARS, Scan, scan_objects

__all__ = ["Draft", "Malformed", "Solved", "parse_draft", "parse_drafts", "parse_solve"]

_NAMES = {
    "question": ("question", "newquestion", "questiontext", "problem", "stem", "query", "prompt"),
    "passage": ("passage", "newpassage", "context", "text", "article", "paragraph"),
    "options": ("options", "choices", "answerchoices", "answeroptions", "alternatives"),
    "answer": (
        "answer",
        "correctanswer",
        "rightanswer",
        "finalanswer",
        "correctoption",
        "answertext",
        "gold",
    ),
    "index": (
        "answerindex",
        "correctindex",
        "answeridx",
        "answerlabel",
        "label",
        "correctlabel",
        "answerkey",
    ),
    "tests": ("tests", "testlist", "testcases", "asserts", "assertions", "checks"),
    "aliases": ("aliases", "alias", "alternativeanswers", "acceptedanswers", "otherspellings", "synonyms"),
    "item": ("item", "itemnumber"),
    "refusal": ("refusal", "refused", "error", "skip"),
}


def parse_draft(text: str, kind: str, needs_context: bool) -> Draft | Malformed:
    """Return the draft in a writer's reply, or why there is none. Never raises; work is bounded.

    :param kind: the seed's kind, one of `records.KINDS`.
    :param needs_context: whether a passage was asked for; without one the reply is malformed.
    """
    body = after_thinking(text)
    if len(body) > MAX_CHARS:
        return _too_long(body)
    try:
        fields = _fields(body)
    except Fault as fault:
        return malformed(fault)
    return draft_of(fields, kind, needs_context)


def parse_drafts(text: str, kind: str, needs_context: bool, count: int) -> list[Draft | Malformed]:
    """Return one entry for each of the `count` items that were asked for, in their order. Never raises.

    An item stands at the place that its own number names where all numbers are there and differ, else at
    the place where it came. An item that did not come is malformed, with what did come in the evidence;
    one that is complete counts although the reply was cut off behind it. Items beyond `count` are
    passed over.

    :param kind: the seed's kind, one of `records.KINDS`.
    :param needs_context: whether passages were asked for.
    :param count: at least 1; one item is read as by `parse_draft`.
    """
    if count == 1:
        return [parse_draft(text, kind, needs_context)]
    body = after_thinking(text)
    if len(body) > MAX_CHARS:
        return [_too_long(body)] * count
    scan = scan_objects(body)
    if scan.cut_off and not _items(scan.objects):
        scan = scan_objects(body.partition("[")[2])  # the items before the one that was cut off are whole
    items = _items(scan.objects)
    if not any("question" in fields for fields in items):
        return [malformed(_no_item(body, scan))] * count
    end = ", the next one cut off" if scan.cut_off else ""
    missing = malformed(Fault(f"{len(items)} of {count} items came{end}", body[-200:]))
    places = _places(items, count)
    return [
        _one_of_several(items[places[n]], kind, needs_context) if n in places else missing
        for n in range(count)
    ]


def _one_of_several(fields: Mapping[str, Any], kind: str, needs_context: bool) -> Draft | Malformed:
    if "question" not in fields:
        return malformed(Fault("refused", fields["refusal"]))
    return draft_of(fields, kind, needs_context)


def _too_long(body: str) -> Malformed:
    return malformed(Fault(f"longer than {MAX_CHARS} characters", body))


def _items(objects: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the items of a reply, refused ones among them: of its last list of items, else all there are."""
    found = [_named(o) for o in objects]
    wrappers = [o for o, fields in zip(objects, found, strict=True) if "question" not in fields]
    for inner in reversed([v for o in wrappers for v in o.values() if isinstance(v, list)]):
        listed = _of_items([_named(v) for v in inner if isinstance(v, Mapping)])
        if any("question" in fields for fields in listed):
            return listed
    # A lone object inside another ({"item": {…}}) is the item.
    return _of_items(
        [f for o, fields in zip(objects, found, strict=True) for f in (_inner_of(o) or [fields])]
    )


def _of_items(found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [fields for fields in found if "question" in fields or "refusal" in fields]


def _inner_of(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [] if "question" in _named(found) else [f for v in found.values() for f in _inner(v)]


def _places(items: Sequence[Mapping[str, Any]], count: int) -> dict[int, int]:
    """Return by place, from 0, which item stands there."""
    numbers = [str(f.get("item", "")).strip() for f in items]
    known = {str(n + 1): n for n in range(count)}
    if len(set(numbers)) == len(numbers) and all(n in known for n in numbers):
        return {known[number]: i for i, number in enumerate(numbers)}
    return {i: i for i in range(min(count, len(items)))}


def _fields(body: str) -> dict[str, Any]:
    """Return the reply's object under our names. Of several, the last is the writer's last word."""
    scan = scan_objects(body)
    found = [_named(o) for o in scan.objects]
    items = [f for f in found if "question" in f]
    # A lone object inside another ({"item": {…}}) is the item.
    items = items or [f for o in scan.objects for f in _inner_of(o)]
    if items and not scan.cut_off:
        return items[-1]
    raise _no_item(body, scan)


def _no_item(body: str, scan: Scan) -> Fault:
    for refusal in (f["refusal"] for f in map(_named, scan.objects) if "refusal" in f):
        return Fault("refused", refusal)
    if scan.cut_off:
        return Fault("cut off inside the JSON object", body[-200:])
    if not scan.objects and looks_refused(body):
        return Fault("refused", body)
    return Fault("no question in the JSON object" if scan.objects else "no JSON object", body)


def _inner(value: Any) -> list[dict[str, Any]]:
    inner = value[:1] if isinstance(value, list) else [value]
    named = [_named(v) for v in inner if isinstance(v, Mapping)]
    return [f for f in named if "question" in f]


def _named(found: Mapping[str, Any]) -> dict[str, Any]:
    keys = {re.sub(r"[\W_]", "", k).casefold(): v for k, v in found.items()}
    fields = {}
    for name, spellings in _NAMES.items():
        for spelling in spellings:
            if spelling in keys and name not in fields:
                fields[name] = keys[spelling]
    if "options" not in fields:
        fields |= _loose_options(keys)
    return fields


def _loose_options(keys: Mapping[str, Any]) -> dict[str, Any]:
    for pattern in ("{}", "option{}", "choice{}"):
        loose = {}
        for letter in "abcdefghijklmnopqrstuvwxyz":
            if (key := pattern.format(letter)) not in keys:
                break
            loose[letter] = keys[key]
        if len(loose) > 1:
            return {"options": loose}
    return {}
