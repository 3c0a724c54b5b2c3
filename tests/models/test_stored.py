import asyncio
import hashlib

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskseed.errors import EndpointError, RunError, UsageError
from taskseed.models.base import Completion, EngineFailure, Prompt, Usage
from taskseed.models.limit import Places
from taskseed.models.stored import (
    Answer,
    Asker,
    Pending,
    decode_answer,
    encode_completion,
    encode_failure,
    request_key,
)
from tests.models.engines import PROMPT, Function, MemoryStore, Script, Totals

BUSY = EngineFailure("http_503", "busy", retryable=True)
REFUSAL = EngineFailure("refused_400", "too long")
SEEDED = Prompt("m", PROMPT.messages, {"seed": 100})


def asker(engine, store=None, on_miss="call", totals=None, **more):
    """Return an asker for the writer whose clock stands at 5."""
    return Asker(
        engine,
        MemoryStore() if store is None else store,
        on_miss,
        totals or Totals(),
        role="writer",
        clock=lambda: 5.0,
        **more,
    )


def ask(found, indices, prompt=PROMPT):
    """Ask and wait."""
    return asyncio.run(found.ask(prompt, indices))


def failures(answers):
    """Return the failures of answers, None where a completion came."""
    return [answer.failure for answer in answers]


def test_the_key_is_the_hash_of_what_was_asked():
    """The key is sha256 of the sorted JSON of index, messages, model and sampling, and of nothing else."""
    text = (
        '{"index":2,"messages":[{"content":"What is 2+2?","role":"user"}],"model":"m",'
        '"sampling":{"max_tokens":8,"temperature":1.0}}'
    )
    assert request_key(PROMPT, 2) == hashlib.sha256(text.encode()).hexdigest()


def test_the_key_does_not_depend_on_the_order_of_settings():
    """Two spellings of one prompt have one key; another index, model or setting has another."""
    same = Prompt("m", ({"content": "What is 2+2?", "role": "user"},), {"max_tokens": 8, "temperature": 1.0})
    others = [Prompt("k", PROMPT.messages, PROMPT.sampling), Prompt("m", PROMPT.messages, {"max_tokens": 9})]
    keys = [request_key(p, 0) for p in (PROMPT, same, *others)] + [request_key(PROMPT, 1)]
    assert [keys.index(key) for key in keys] == [0, 0, 2, 3, 4]


def test_misses_go_out_as_one_request():
    """Several samples of one prompt are asked for together and come back in the order asked."""
    script = Script()
    answers = ask(asker(script), [3, 0, 7])
    assert script.asked == [(None, 3)]
    assert [(a.index, a.completion.text) for a in answers] == [
        (3, "text 1.0"),
        (0, "text 1.1"),
        (7, "text 1.2"),
    ]


def test_what_was_stored_is_never_asked_again():
    """A second run over the same store sends nothing and gives the same answers."""
    store, totals = MemoryStore(), Totals()
    first = ask(asker(Script(), store), [0, 1])
    script = Script()
    second = ask(asker(script, store, totals=totals), [0, 1])
    assert (script.asked, second, totals.of("writer")) == ([], first, {"from_store": 2})


def test_only_missing_samples_are_asked_for():
    """More samples of a known prompt cost only the new ones."""
    store, script = MemoryStore(), Script()
    ask(asker(Script(), store), [0, 1])
    answers = ask(asker(script, store), [0, 1, 2, 3, 4])
    assert (script.asked, [a.index for a in answers]) == ([(None, 3)], [0, 1, 2, 3, 4])


def test_a_server_that_ignores_n_is_asked_one_by_one():
    """After one choice for five, the other four go out at once, and from then on all do."""
    script = Script(most=1, delay=0.001)
    found = asker(script)
    assert failures(ask(found, range(5))) == [None] * 5
    assert (script.asked, script.peak) == ([(None, 5)] + [(None, 1)] * 4, 4)
    ask(found, [5, 6])
    assert script.asked[5:] == [(None, 1)] * 2


def test_a_server_that_is_known_to_ignore_n_is_asked_one_by_one_from_the_start():
    """No request goes out for several samples, of which all but one would be lost."""
    script = Script(most=1)
    assert failures(ask(asker(script, one_by_one=True), range(3))) == [None] * 3
    assert script.asked == [(None, 1)] * 3


def test_a_server_that_sends_fewer_is_asked_for_the_rest():
    """What is missing of several choices is asked for again as one request."""
    script = Script(most=3)
    ask(asker(script), range(8))
    assert script.asked == [(None, 8), (None, 5), (None, 2)]


def test_a_server_that_refuses_n_is_asked_one_by_one():
    """Where n above 1 is refused and a single sample is not, the samples come one by one."""
    script = Script(REFUSAL)
    found = asker(script)
    assert failures(ask(found, range(3))) == [None] * 3
    ask(found, [8, 9])
    assert script.asked == [(None, 3), (None, 1), (None, 1), (None, 1), (None, 1), (None, 1)]


def test_a_refused_prompt_costs_one_more_request():
    """A prompt refused at n and at 1 is refused for every sample after two requests."""
    script = Script(REFUSAL, REFUSAL)
    answers = ask(asker(script), range(4))
    assert (failures(answers), len(script.asked)) == (["refused_400"] * 4, 2)
    assert {a.detail for a in answers} == {"too long"}


def test_each_sample_has_its_own_sampling_seed():
    """A stated seed is shifted by the index, and gaps in the indices make separate requests."""
    script = Script(most=1)
    ask(asker(script), [0, 1, 2], SEEDED)
    assert sorted(script.asked) == [(100, 3), (101, 1), (102, 1)]
    script = Script()
    ask(asker(script), [1, 2, 5], SEEDED)
    assert sorted(script.asked) == [(101, 2), (105, 1)]


def test_passing_failures_are_not_stored():
    """A busy server's failure is an answer without a completion, and is asked again next time."""
    store = MemoryStore()
    assert ask(asker(Script(BUSY), store), [0]) == [Answer(0, None, "http_503", "busy")]
    script = Script()
    assert (failures(ask(asker(script, store), [0])), len(script.asked)) == ([None], 1)


def test_refusals_are_stored():
    """A refusal by a server that answers other requests is not asked for again."""
    store = MemoryStore()
    found = asker(Script(1, REFUSAL), store)
    ask(found, [0])
    ask(found, [1])
    script = Script()
    assert ask(asker(script, store), [1]) == [Answer(1, None, "refused_400", "too long")]
    assert script.asked == []


def test_refusals_are_stored_once_the_server_has_answered_something():
    """Refusals before the first answer wait for it: a server set up wrongly refuses everything."""
    store = MemoryStore()
    found = asker(Script(REFUSAL), store)
    ask(found, [0])
    before = len(store.kept)
    ask(found, [1])
    assert (before, len(store.kept)) == (0, 2)


def test_concurrent_asks_for_one_sample_send_one_request():
    """Eight asks at once for overlapping samples send each sample once and all get it."""
    script, store = Script(delay=0.005), MemoryStore()
    found = asker(script, store)

    async def run():
        return await asyncio.gather(*(found.ask(PROMPT, [0, 1, i % 4]) for i in range(8)))

    results = asyncio.run(run())
    assert sum(n for _, n in script.asked) == 4
    assert store.puts == 4
    assert len({a.completion.text for r in results for a in r if a.index == 0}) == 1


def test_a_cancelled_ask_does_not_take_the_others_along():
    """Whoever waited for a sample that its sender gave up on sends it."""
    script = Script(delay=0.02)
    found = asker(script)

    async def run():
        sender = asyncio.create_task(found.ask(PROMPT, [0]))
        await asyncio.sleep(0.005)
        waiter = asyncio.create_task(found.ask(PROMPT, [0]))
        await asyncio.sleep(0.005)
        sender.cancel()
        return await waiter

    assert (failures(asyncio.run(run())), len(script.asked)) == ([None], 2)


def test_a_response_is_stored_even_if_its_ask_is_cancelled():
    """Cancelling while a response is being stored does not lose it."""
    store = MemoryStore()
    found = asker(Script(), store)

    async def run():
        task = asyncio.create_task(found.ask(PROMPT, [0]))
        await store.putting.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await asyncio.sleep(0.01)

    asyncio.run(run())
    assert list(store.kept) == [request_key(PROMPT, 0)]


def test_what_others_paid_for_is_stored_when_the_endpoint_breaks():
    """If one of several requests ends the run, the others' responses are stored first."""
    store = MemoryStore()

    def play(prompt, n):
        if prompt.sampling["seed"] == 100:
            raise EndpointError("down", "up")
        return [Completion("x")] * n

    with pytest.raises(EndpointError, match="down"):
        ask(asker(Function(play), store), [0, 2, 4], SEEDED)
    assert sorted(store.kept) == sorted(request_key(SEEDED, i) for i in (2, 4))


def test_refuse_asks_nobody():
    """In replay, what the store lacks is not_recorded, and what it has comes."""
    store, script = MemoryStore(), Script()
    ask(asker(Script(), store), [0])
    answers = ask(asker(None, store, "refuse"), [0, 1])
    assert (failures(answers), script.asked) == ([None, "not_recorded"], [])


def test_what_a_batch_is_to_answer_is_handed_on():
    """For a batch, each miss goes to the queue as it is asked, and nobody is called."""
    handed: list[Pending] = []
    found = asker(None, on_miss="queue", queue=handed.append)
    assert failures(ask(found, [0, 1])) == ["queued", "queued"]
    assert handed == [Pending(request_key(PROMPT, i), PROMPT, i) for i in range(2)]


def test_calling_without_an_engine_is_a_usage_error():
    """An engine `none` cannot be called."""
    with pytest.raises(UsageError, match="writer's engine is `none`"):
        asker(None)


def test_repeated_indices_get_one_answer_each():
    """An index asked twice is sent once and answered twice."""
    script = Script()
    answers = ask(asker(script), [0, 0])
    assert ([a.index for a in answers], script.asked) == ([0, 0], [(None, 1)])


def test_the_payload_is_readable_and_self_contained():
    """A stored response names what was asked and what came, and when."""
    store = MemoryStore()
    ask(asker(Script(), store), [0])
    assert orjson.loads(store.kept[request_key(PROMPT, 0)]) == {
        "request": {
            "model": "m",
            "messages": [{"role": "user", "content": "What is 2+2?"}],
            "sampling": {"temperature": 1.0, "max_tokens": 8},
            "index": 0,
        },
        "response": {
            "text": "text 1.0",
            "reasoning": "",
            "finish_reason": "stop",
            "usage": {"input": 10, "output": 5},
        },
        "role": "writer",
        "received": 5.0,
    }


@given(st.text(), st.text(), st.text(min_size=1), st.lists(st.integers(0, 10**6), max_size=6))
def test_completions_round_trip(text, reasoning, finish_reason, used):
    """What is stored comes back unchanged."""
    completion = Completion(text, reasoning, finish_reason, Usage(*used))
    payload = encode_completion(PROMPT, 3, completion, role="r", received=1.0)
    assert decode_answer(payload, 3) == Answer(3, completion)


@pytest.mark.parametrize(
    ("stored", "usage"),
    [({"input": 7, "output": 3}, Usage(7, 3)), ({}, Usage()), (None, Usage()), ({"input": 7}, Usage(7))],
)
def test_what_an_earlier_version_stored_is_read(stored, usage):
    """A usage without the numbers that came later has zeros in their place."""
    entry = {"response": {"text": "a", "usage": stored}}
    assert decode_answer(orjson.dumps(entry), 0).completion == Completion("a", "", "unknown", usage)


def test_failures_round_trip():
    """A stored refusal comes back with its reason and detail."""
    payload = encode_failure(PROMPT, 3, REFUSAL, role="r", received=1.0)
    assert decode_answer(payload, 3) == Answer(3, None, "refused_400", "too long")


@pytest.mark.parametrize("payload", [b"", b"null", b"[]", b"{}", b'{"response": 3}', b'{"response": {}}'])
def test_a_foreign_payload_is_a_run_error(payload):
    """A payload of another tool stops the run and says what to do."""
    with pytest.raises(RunError, match="a stored response is not readable"):
        decode_answer(payload, 0)


class FullStore(MemoryStore):
    """A store whose disk is full."""

    async def put(self, entries):
        """Fail, and say why from then on."""
        self.problem = RunError("the disk is full", "free some space")
        raise self.problem


def test_nothing_more_is_paid_for_once_an_answer_cannot_be_kept():
    """Of 30 requests that wait for two places, only those that were out are sent when the store fails."""
    engine = Function(lambda prompt, n: [Completion("text")])
    asked = Asker(engine, FullStore(), "call", Totals(), role="writer", places=Places(2))

    async def run():
        prompts = [Prompt("m", ({"role": "user", "content": str(n)},)) for n in range(30)]
        return await asyncio.gather(*(asked.ask(p, [0]) for p in prompts), return_exceptions=True)

    assert {str(outcome) for outcome in asyncio.run(run())} == {"the disk is full"}
    assert engine.requests <= 2
