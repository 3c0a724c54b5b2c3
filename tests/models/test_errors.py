import pickle

import pytest

from taskseed.models.errors import failure_of_status, is_html, redact, retry_after_seconds


def failure(status, body=b"", **headers):
    """Classify a response; `retry_after="1"` is the header `retry-after: 1`."""
    names = {k.replace("_", "-"): v for k, v in headers.items()}
    return failure_of_status(status, names.get, body, now=1_000_000_000.0)


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503, 504, 529])
def test_passing_troubles_are_asked_again(status):
    """Statuses that say 'later' or 'my fault' are retryable under the reason http_NNN."""
    found = failure(status)
    assert (found.reason, found.retryable) == (f"http_{status}", True)


@pytest.mark.parametrize("status", [400, 413, 414, 422])
def test_refusals_of_a_request_have_their_own_reason(status):
    """A request refused for what it says is refused_NNN and is not asked again."""
    found = failure(status)
    assert (found.reason, found.retryable, found.possibly_billed) == (f"refused_{status}", False, False)


@pytest.mark.parametrize("status", [301, 302, 401, 402, 403, 404, 405])
def test_troubles_of_the_endpoint_are_neither_retried_nor_refusals(status):
    """A wrong key, path or redirect is http_NNN: not retryable, and no fact about the request."""
    found = failure(status)
    assert (found.reason, found.retryable) == (f"http_{status}", False)


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b'{"error": {"message": "too long", "code": "x"}}', "400 too long"),
        (b'{"error": "too long"}', "400 too long"),
        (b'{"object": "error", "message": "too long", "type": "BadRequest", "code": 400}', "400 too long"),
        (b'{"detail": "too long"}', "400 too long"),
        (b'{"detail": [{"loc": ["body", "n"], "msg": "bad"}]}', '400 [{"loc":["body","n"],"msg":"bad"}]'),
        (b'[{"error": {"code": 400, "message": "too long"}}]', "400 too long"),
        (b"too\n  long\x00", "400 too long"),
        (b"<!DOCTYPE html><html>secret</html>", "400 an HTML page"),
        (b"\xff\xfe", "400 ��"),
        (b"", "400"),
        (b"null", "400 null"),
        (b'"text"', "400 text"),
    ],
)
def test_every_shape_of_error_body_gives_its_message(body, detail):
    """The detail is the status and the server's own words, whatever shape they come in."""
    assert failure(400, body).detail == detail


def test_long_messages_are_shortened():
    """A detail is one line of at most the status and 300 characters."""
    assert len(failure(500, b"x" * 100_000).detail) == len("500 ") + 300


def test_spent_quota_is_not_asked_again():
    """A 429 that says the quota is spent is not retryable; waiting mends nothing."""
    body = b'{"error": {"message": "You exceeded your current quota", "code": "insufficient_quota"}}'
    assert failure(429, body).retryable is False


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "-4"}, 0.0),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after-ms": "250", "retry-after": "1"}, 0.25),
        ({"retry-after": "Sun, 09 Sep 2001 01:46:50 GMT"}, 10.0),
        ({"retry-after": "Sun, 09 Sep 2001 01:46:30 GMT"}, 0.0),
        (
            {"retry-after": "Sun, 09 Sep 2001 01:00:07 GMT", "date": "Sun, 09 Sep 2001 01:00:00 GMT"},
            7.0,
        ),
    ],
)
def test_retry_after_in_every_form(headers, seconds):
    """Seconds, milliseconds and dates give the seconds to wait; nonsense gives None."""
    assert retry_after_seconds(headers.get, now=1_000_000_000.0) == seconds


def test_only_gateway_timeouts_are_possibly_billed():
    """A proxy that gave up may leave a server generating; a plain 500 or 429 does not."""
    billed = {s: failure(s).possibly_billed for s in (408, 429, 500, 502, 503, 504, 524)}
    assert billed == {408: True, 429: False, 500: False, 502: True, 503: False, 504: True, 524: True}


@pytest.mark.parametrize("length", range(270, 305))
def test_a_secret_that_is_cut_off_is_redacted(length):
    """Where a server's words are shortened in the middle of a secret, no part of it is left."""
    body = ("x" * length + "sk-12345").encode()
    detail = redact(failure(500, body).detail, ["sk-12345"])
    assert ("sk-1" in detail, detail.endswith(("***", "***…", "x…", "xs…", "xsk…", "xsk-…"))) == (False, True)


def test_redaction():
    """Secrets and URL credentials are replaced; the rest of the text stays."""
    text = "key sk-12345 refused at http://me:pw@host/v1"
    assert redact(text, ["sk-12345"]) == "key *** refused at http://***@host/v1"


def test_html_is_recognised():
    """Pages are told from JSON and text by how they start."""
    bodies = [b"  <!DOCTYPE html>", b"<HTML>", b"{}", b"<think>", b""]
    assert [is_html(b) for b in bodies] == [True, True, False, False, False]


def test_failures_pickle():
    """A failure comes through pickling with everything it says."""
    found = pickle.loads(pickle.dumps(failure(504, b"slow", retry_after="2")))
    said = (found.reason, found.detail, found.retryable, found.retry_after, found.possibly_billed)
    assert said == ("http_504", "504 slow", True, 2.0, True)
