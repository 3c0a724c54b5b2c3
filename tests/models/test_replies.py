import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskseed.models.base import Completion, EngineFailure, Usage
from taskseed.models.replies import completions_of, load_json, split_thinking


def body(*messages, usage=None, finish_reason="stop"):
    """Return a response with one choice per message."""
    choices = [{"index": i, "finish_reason": finish_reason, "message": m} for i, m in enumerate(messages)]
    return {"choices": choices, "usage": usage}


def only(message, **more):
    """Return the completion of a response with one message."""
    (completion,) = completions_of(body(message, **more), 1)
    return completion


@pytest.mark.parametrize(
    ("message", "text", "reasoning"),
    [
        ({"content": "4"}, "4", ""),
        ({"content": None}, "", ""),
        ({}, "", ""),
        ({"content": "4", "reasoning": "2+2"}, "4", "2+2"),
        ({"content": "4", "reasoning_content": "2+2"}, "4", "2+2"),
        ({"content": "4", "reasoning": "2+2", "reasoning_content": "2+2"}, "4", "2+2"),
        ({"content": "4", "reasoning": None, "reasoning_content": "2+2"}, "4", "2+2"),
        ({"content": "<think>2+2</think>4"}, "4", "2+2"),
        ({"content": "\n<think>\n2+2\n</think>\n\n4\n"}, "4", "2+2"),
        ({"content": "2+2\n</think>\n4"}, "4", "2+2"),
        ({"content": "<think>2+2 is"}, "", "2+2 is"),
        ({"content": "<think>a</think>4<think>b</think>5"}, "45", "a\nb"),
        ({"content": "use a <think> tag"}, "use a <think> tag", ""),
        ({"content": "4<think>2+2</think>", "reasoning": "hm"}, "4", "hm\n2+2"),
        ({"content": [{"type": "text", "text": "4"}, {"type": "text", "text": "2"}]}, "42", ""),
        (
            {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "2+2"}]}, "4"]},
            "4",
            "2+2",
        ),
        ({"content": [{"type": "image_url"}, 7, {"type": "text", "text": "4"}]}, "4", ""),
        ({"content": None, "refusal": "I cannot."}, "I cannot.", ""),
    ],
)
def test_text_and_thinking_are_kept_apart(message, text, reasoning):
    """Whatever way a server hands over the thinking, the text is the answer alone."""
    completion = only(message)
    assert (completion.text, completion.reasoning) == (text, reasoning)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("stop", "stop"),
        ("length", "length"),
        ("content_filter", "content_filter"),
        ("abort", "abort"),
        (None, "unknown"),
        ("", "unknown"),
        (3, "unknown"),
    ],
)
def test_finish_reasons_are_kept_as_said(said, kept):
    """The finish reason is the server's word; nothing said is unknown."""
    assert only({"content": "x"}, finish_reason=said).finish_reason == kept


def test_usage_of_one_completion():
    """With one choice the usage is the response's."""
    assert only({"content": "x"}, usage={"prompt_tokens": 7, "completion_tokens": 3}).usage == Usage(7, 3)


def test_usage_of_several_completions():
    """With several, the input counts once and the output is split without loss."""
    usage = {"prompt_tokens": 7, "completion_tokens": 11}
    found = completions_of(body({"content": "a"}, {"content": "b"}, {"content": "c"}, usage=usage), 3)
    assert [c.usage for c in found] == [Usage(7, 4), Usage(0, 4), Usage(0, 3)]


@pytest.mark.parametrize("usage", [None, [], {"prompt_tokens": "7"}, {"prompt_tokens": -1}, {"x": True}])
def test_usage_that_is_none_counts_nothing(usage):
    """A missing or senseless usage is no tokens."""
    assert only({"content": "x"}, usage=usage).usage == Usage(0, 0)


@pytest.mark.parametrize(
    ("usage", "kept"),
    [
        ({"prompt_tokens_details": {"cached_tokens": 5}}, Usage(7, 30, cached=5)),
        ({"prompt_cache_hit_tokens": 5, "prompt_cache_miss_tokens": 2}, Usage(7, 30, cached=5)),
        (
            {"prompt_tokens_details": {"cached_tokens": 7}, "prompt_cache_hit_tokens": 3},
            Usage(7, 30, cached=7),
        ),
        ({"prompt_tokens_details": None, "completion_tokens_details": None}, Usage(7, 30)),
        ({"completion_tokens_details": {"reasoning_tokens": 20}}, Usage(7, 30, reasoning=20)),
        ({"reasoning_tokens": 20}, Usage(7, 30, reasoning=20)),
        (
            {"completion_tokens_details": {"reasoning_tokens": 20}, "total_tokens": 37},
            Usage(7, 30, reasoning=20),
        ),
        (
            {"completion_tokens_details": {"reasoning_tokens": 20}, "total_tokens": 57},
            Usage(7, 50, reasoning=20),
        ),
        ({"prompt_tokens_details": {"cached_tokens": 8}}, Usage(7, 30)),
        ({"completion_tokens_details": {"reasoning_tokens": 31}}, Usage(7, 30)),
        ({"prompt_tokens_details": [5], "completion_tokens_details": "20"}, Usage(7, 30)),
        ({"prompt_tokens_details": {"cached_tokens": -1}, "prompt_cache_hit_tokens": True}, Usage(7, 30)),
        ({"prompt_tokens_details": {"cached_tokens": 5.0}, "reasoning_tokens": 1e9}, Usage(7, 30)),
    ],
)
def test_cached_and_reasoning_tokens_are_parts_of_input_and_output(usage, kept):
    """Under each server's name; what is larger than the whole or no count is not believed."""
    told = {"prompt_tokens": 7, "completion_tokens": 30, **usage}
    assert only({"content": "x"}, usage=told).usage == kept


def test_parts_of_several_completions_are_spread_like_the_whole():
    """The cached input counts once, on the first; the reasoning is split without loss."""
    usage = {"prompt_tokens": 7, "completion_tokens": 11, "prompt_tokens_details": {"cached_tokens": 4}}
    usage["completion_tokens_details"] = {"reasoning_tokens": 5}
    found = completions_of(body({"content": "a"}, {"content": "b"}, {"content": "c"}, usage=usage), 3)
    assert [c.usage for c in found] == [Usage(7, 4, 4, 2), Usage(0, 4, 0, 2), Usage(0, 3, 0, 1)]


hostile_number = st.integers(-5, 60) | st.sampled_from(
    [2**31, 10**30, True, None, "7", 7.0, float("nan"), [7], {"a": 7}]
)
hostile_usage = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(
            [
                "prompt_tokens", "completion_tokens", "total_tokens",
                "reasoning_tokens", "prompt_cache_hit_tokens",
            ],
            hostile_number,
        ),
        "prompt_tokens_details": hostile_number | st.dictionaries(st.just("cached_tokens"), hostile_number),
        "completion_tokens_details": (
            hostile_number | st.dictionaries(st.just("reasoning_tokens"), hostile_number)
        ),
    },
)  # fmt: skip


@given(hostile_usage | hostile_number, st.integers(1, 4))
def test_no_usage_breaks_the_account(usage, n):
    """Whatever a server tells: parts are within their whole, and n completions cost what one would."""
    choices = body(*({"content": "x"} for _ in range(n)), usage=usage)
    found = [c.usage for c in completions_of(choices, n)]
    assert [(u.cached > u.input, u.reasoning > u.output, u.estimated) for u in found] == [
        (False, False, 0)
    ] * n
    assert min(min(u.input, u.output, u.cached, u.reasoning) for u in found) >= 0
    assert sum(found, Usage()) == only({"content": "x"}, usage=usage).usage


def test_more_choices_than_asked_for_are_left_out():
    """At most n completions are returned."""
    found = completions_of(body({"content": "a"}, {"content": "b"}), 1)
    assert found == [Completion("a")]


def test_choices_that_report_an_error_are_no_completions():
    """A choice that carries an upstream's error is left out, so that it is asked again."""
    value = body({"content": "a"}, {"content": ""})
    value["choices"][1]["finish_reason"] = "error"
    assert [c.text for c in completions_of(value, 2)] == ["a"]


@pytest.mark.parametrize(
    "value",
    [None, [], {}, {"choices": None}, {"choices": []}, {"choices": [7]}, {"choices": [{"text": "a"}]}],
)
def test_a_response_without_a_choice_is_a_bad_body(value):
    """Nothing usable in a 200 is bad_body: retryable, possibly billed."""
    with pytest.raises(EngineFailure) as caught:
        completions_of(value, 1)
    failure = caught.value
    assert (failure.reason, failure.retryable, failure.possibly_billed) == ("bad_body", True, True)


@pytest.mark.parametrize(
    "raw", [b"", b"  ", b"<html>x</html>", b'{"choices": [{"mess', b"ok", b"[" * 200_000, b"\xff"]
)
def test_a_body_that_is_no_json_is_a_bad_body(raw):
    """HTML, nothing, half a document or endless nesting is bad_body."""
    with pytest.raises(EngineFailure) as caught:
        load_json(raw)
    assert caught.value.reason == "bad_body"


def test_half_an_emoji_is_replaced():
    """An answer cut inside a surrogate pair still comes, as storable text."""
    value = load_json(b'{"choices": [{"message": {"content": "ok \\ud83d"}}]}')
    assert completions_of(value, 1)[0].text == "ok ?"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["choices", "message", "content", "usage", "text", "type", "finish_reason"]),
            inner,
        )
    ),
    max_leaves=12,
)


@given(json_values, st.integers(1, 3))
def test_no_json_breaks_the_reader(value, n):
    """Any JSON value gives between 1 and n completions or a bad_body."""
    try:
        found = completions_of(value, n)
        outcome = "completions" if 1 <= len(found) <= n else "wrong number"
        for completion in found:
            completion.text.encode()
    except EngineFailure as failure:
        outcome = failure.reason
    assert outcome in ("completions", "bad_body")


@given(st.lists(st.sampled_from(["<think>", "</think>", "a", " ", "\n"]), max_size=12).map("".join))
def test_splitting_loses_no_letters(text):
    """Each letter of the text is in the answer or in the thinking."""
    answer, thinking = split_thinking(text)
    assert answer.count("a") + thinking.count("a") == text.count("a")
