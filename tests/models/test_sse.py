"""Putting a streamed answer together: it is what the whole answer would have been."""

import itertools
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskseed.models.base import Completion, EngineFailure, Usage
from taskseed.models.replies import completions_of
from taskseed.models.sse import EventReader, StreamedAnswer

USAGE = {"prompt_tokens": 9, "completion_tokens": 7}


def delta(index=0, finish=None, **fields):
    """Return one event of one choice."""
    return {"choices": [{"index": index, "delta": fields, "finish_reason": finish}]}


def sent(*events, done=True):
    """Return the bytes of a stream."""
    lines = [f"data: {json.dumps(event)}\n\n" for event in events]
    return "".join([*lines, *(["data: [DONE]\n\n"] if done else [])]).encode()


def read(data, n=1, cuts=()):
    """Return the completions of a stream that comes in pieces."""
    answer = StreamedAnswer()
    for piece in pieces(data, cuts):
        answer.feed(piece)
    return completions_of(answer.value(), n)


def pieces(data, cuts):
    """Cut bytes at the given places, taken modulo their length."""
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[a:b] for a, b in itertools.pairwise(places)]


CUTS = st.lists(st.integers(0, 10_000), max_size=40) | st.just(range(1_000))  # or each byte by itself
LINES = [
    b"data: x",
    b"data:y",
    b"data:  z ",
    b"data",
    b"\xef\xbb\xbfdata: b",
    b": c",
    b"event: e",
    b"",
    b"data:\xc3",
]
SSE_BYTES = st.lists(
    st.tuples(st.sampled_from(LINES), st.sampled_from([b"\n", b"\r", b"\r\n", b""])).map(b"".join),
    max_size=12,
).map(b"".join)


def events_by_the_standard(data):
    """Return the data of each event of a whole stream, the last without its blank line included."""
    found, held = [], []
    for line in [*re.split(rb"\r\n|\r|\n", data), b""]:
        if line == b"":
            found += [b"\n".join(held)] if held else []
            held = []
        elif match := re.fullmatch(rb"(?:\xef\xbb\xbf)?data(?:: ?(.*))?", line, flags=re.DOTALL):
            held.append(match[1] or b"")
    return found


@given(SSE_BYTES, CUTS)
def test_events_do_not_depend_on_the_pieces(data, cuts):
    """However the bytes of a stream are cut, its events are those of the standard."""
    reader = EventReader()
    found = [event for piece in pieces(data, cuts) for event in reader.feed(piece)]
    assert found + reader.end() == events_by_the_standard(data)


@st.composite
def answers(draw):
    """Draw a whole answer and its stream, in one of the shapes that servers send."""
    n = draw(st.integers(1, 3))
    key = draw(st.sampled_from(["reasoning", "reasoning_content"]))
    escaped = draw(st.booleans())
    choices, queues = [], []
    for index in range(n):
        content, thinking = draw(st.text(max_size=12)), draw(st.text(max_size=8))
        finish = draw(st.sampled_from(["stop", "length", "content_filter"]))
        choices.append(
            {"index": index, "finish_reason": finish, "message": {"content": content, key: thinking}}
        )
        first = delta(index, role="assistant", content=draw(st.sampled_from([None, ""])))
        parts = [first, *(delta(index, **{key: part}) for part in split(draw, thinking, escaped))]
        parts += [delta(index, content=part, **{key: None}) for part in split(draw, content, escaped)]
        if draw(st.booleans()):
            parts.append(delta(index, finish))
        else:
            parts[-1]["choices"][0]["finish_reason"] = finish
        queues.append(parts)
    events = interleaved(draw, queues)
    place = draw(st.sampled_from(["last", "inside", "each", "none"]))
    if place == "last":
        events.append({"choices": [], "usage": USAGE})
    elif place == "inside":
        events[-1]["usage"] = USAGE
    elif place == "each":
        events = [{**event, "usage": {"prompt_tokens": 9, "completion_tokens": 1}} for event in events]
        events[-1]["usage"] = USAGE
    whole = {"choices": choices, "usage": None if place == "none" else USAGE}
    return whole, n, written(draw, events, escaped)


def split(draw, text, escaped):
    """Cut a text, where it is sent escaped even inside a surrogate pair, as servers in JavaScript do."""
    units = text.encode("utf-16-le") if escaped else text.encode("utf-32-le")
    size = 2 if escaped else 4
    cuts = draw(st.lists(st.integers(0, len(units) // size), max_size=4))
    codec = "utf-16-le" if escaped else "utf-32-le"
    return [p.decode(codec, "surrogatepass") for p in pieces(units, [cut * size for cut in cuts])]


def interleaved(draw, queues):
    """Mix the events of several choices, each choice's in order."""
    events = []
    while any(queues):
        queue = draw(st.sampled_from([q for q in queues if q]))
        events.append(queue.pop(0))
    return events


def written(draw, events, escaped):
    """Write events down with any line end, comments and other fields, with and without `[DONE]`."""
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    space = draw(st.sampled_from(["", " "]))
    noise = draw(st.sampled_from(["", f": ping{end}{end}", f"event: message{end}id: 1{end}"]))
    lines = [f"{noise}data:{space}{json.dumps(e, ensure_ascii=escaped)}{end}{end}" for e in events]
    done = draw(st.sampled_from(["", f"data: [DONE]{end}{end}", "data: [DONE]"]))
    return ("".join(lines) + done).encode()


@given(answers(), CUTS)
def test_a_stream_is_the_whole_answer(made, cuts):
    """Whatever the shape of the stream and the cuts of its bytes, the completions are those of the answer."""
    whole, n, data = made
    assert read(data, n, cuts) == completions_of(whole, n)


def test_typed_parts():
    """Thinking that comes in typed parts of the content, as Mistral sends it, is kept apart."""
    part = {"type": "thinking", "thinking": [{"type": "text", "text": "2+2 "}]}
    data = sent(
        delta(content=[part]), delta(content=[part]), delta(content="is "), delta(0, "stop", content="4")
    )
    assert read(data) == [Completion("is 4", reasoning="2+2 2+2 ")]


def test_a_refusal_and_a_filter():
    """A model's refusal is its text, and Azure's events without choices or delta are none of it."""
    first = {"choices": [], "prompt_filter_results": [{"prompt_index": 0}]}
    last = {"choices": [{"index": 0, "finish_reason": "content_filter"}]}
    found = read(sent(first, delta(refusal="I can"), delta(refusal="not"), last))
    assert found == [Completion("I cannot", finish_reason="content_filter")]


def test_usage_for_each_choice():
    """Where each choice has a usage of its own, as from llama.cpp, their outputs add up."""
    first = {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 2}}
    data = sent(delta(1, "stop", content="b"), first, delta(0, "stop", content="a"), {"usage": USAGE})
    assert [c.usage for c in read(data, 2)] == [Usage(9, 5), Usage(0, 4)]


def test_usage_that_is_told_again():
    """Of usages that do not belong to choices the last counts."""
    early = {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 2}}
    data = sent(early, early, delta(0, "stop", content="a"), delta(1, "stop", content="b"), {"usage": USAGE})
    assert [c.usage for c in read(data, 2)] == [Usage(9, 4), Usage(0, 3)]


def test_what_follows_the_end_is_not_read():
    """After `[DONE]` nothing counts."""
    assert read(sent(delta(0, "stop", content="4")) + b"data: nonsense\n\n") == [Completion("4")]


def test_a_server_that_says_no_reason():
    """A stream with `[DONE]` is whole, even where a choice has no finish reason."""
    assert read(sent(delta(content="4"))) == [Completion("4", finish_reason="unknown")]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b": ping\n\n",
        sent(delta(content="4"), done=False),
        sent(delta(0, "stop", content="4"), delta(1, content="5"), done=False),
        sent(delta(0, "stop", content="4"), done=False)[:-8],
    ],
)
@given(cuts=CUTS)
def test_a_stream_that_is_cut(data, cuts):
    """Without `[DONE]` a choice without an end is a cut stream: asked again, and possibly billed."""
    with pytest.raises(EngineFailure) as caught:
        read(data, 2, cuts)
    failure = caught.value
    assert (failure.reason, failure.retryable, failure.possibly_billed) == ("bad_body", True, True)


ERRORS = {
    "rate limit first": ((), {"error": {"code": 429, "message": "slow"}}, "http_429", True, False),
    "refused first": ((), {"error": {"code": "400", "message": "no"}}, "refused_400", False, False),
    "in the middle": (("a",), {"error": {"code": 500, "message": "x"}}, "http_500", True, True),
    "refused late": (("a",), {"error": {"code": 400, "message": "x"}}, "http_400", True, True),
    "flat": (("a",), {"object": "error", "message": "x", "code": 503}, "http_503", True, True),
    "text": (("a",), {"error": "lost"}, "bad_body", True, True),
    "infinite": ((), {"error": {"code": float("inf")}}, "bad_body", True, True),
    "with a choice": (
        ("a",),
        {"error": {"code": 502}, **delta(0, "error", content="")},
        "http_502",
        True,
        True,
    ),
}


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_in_a_stream(name):
    """An error is what its code says; once text was coming, it is asked again and possibly billed."""
    before, event, reason, retryable, billed = ERRORS[name]
    with pytest.raises(EngineFailure) as caught:
        read(sent(*(delta(content=text) for text in before), event))
    failure = caught.value
    assert (failure.reason, failure.retryable, failure.possibly_billed) == (reason, retryable, billed)


@given(st.binary(max_size=200) | st.text(max_size=100).map(lambda text: f"data: {text}\n\n".encode()), CUTS)
def test_any_bytes_are_an_answer_or_a_failure(data, cuts):
    """No bytes make the reader fail in another way."""
    try:
        found = [type(c) for c in read(data, 1, cuts)]
    except EngineFailure as failure:
        found = [failure.retryable]
    assert found in ([Completion], [True], [False])


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["choices", "delta", "content", "error", "index", "finish_reason", "usage", "code"]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_any_event_is_an_answer_or_a_failure(event):
    """No JSON value as an event makes the reader fail in another way."""
    try:
        found = [type(c) for c in read(sent(event))]
    except EngineFailure as failure:
        found = [failure.retryable]
    assert found in ([Completion], [True], [False])
