"""What solvers send back: the final answer, and the enrichment before it."""

import collections
import re
import textwrap
from dataclasses import dataclass

from taskseed.prompts.jsonish import MAX_CHARS, scan_objects

__all__ = ["UNANSWERABLE", "Solved", "after_thinking", "looks_refused", "parse_solve", "unfenced"]

UNANSWERABLE = "unanswerable"
"""The word by which a solver says that the question has no one answer; it counts as no answer."""

_MAX_ANSWER = 20_000
_MAX_BOXED = 2_000
_BARE_CHARS, _BARE_WORDS = 80, 12

# Other languages' words for "answer", which models write although asked for the English one.
_WORD = (
    r"(?:(?:the\s|my\s)?(?:final\s|correct\s|right\s){0,2}answer|(?:the\s)?(?:correct|right)\soption|"
    r"respuesta(?:\sfinal|\scorrecta)?|réponse(?:\sfinale)?|(?:finale\s)?antwort|resposta(?:\sfinal)?|"
    r"risposta(?:\sfinale)?|odpowiedź|odpověď|svar|vastaus|antwoord|cevap|jawaban|đáp án|trả lời|ответ|"
    r"відповідь|erantzuna|απάντηση|答案|最终答案|最終答案|答え|回答|解答|정답|답변|답|الإجابة|الجواب|उत्तर|"
    r"คำตอบ|תשובה)"
)
_SPACE = r"[ \t\u3000]{0,20}"
_LINE = re.compile(
    rf"^{_SPACE}(?:[>\-•]{_SPACE}|#{{1,6}}{_SPACE})?(?P<open>[*_]{{0,3}}){_SPACE}{_WORD}{_SPACE}"
    rf"(?:(?:is|es|est|ist|è)\b{_SPACE})?[*_]{{0,3}}[:：](?:[*_]{{1,3}}(?=\s|$))?{_SPACE}(?P<answer>[^\n]*)$",
    re.IGNORECASE | re.MULTILINE,
)
_HEADING = re.compile(
    rf"^{_SPACE}(?:#{{1,6}}{_SPACE}[*_]{{0,3}}|[*_]{{1,3}}){_WORD}[*_]{{0,3}}{_SPACE}$",
    re.IGNORECASE | re.MULTILINE,
)
_INLINE = re.compile(r"\banswer\s(?:is|would be|should be)\b", re.IGNORECASE)
_BOXED = re.compile(r"\\(?:boxed|fbox)\s{0,3}\{")
_FENCE = re.compile(r"^[ \t]{0,8}(`{3,}|~{3,})[^\n`]*$", re.MULTILINE)
_CODE_START = re.compile(r"\s*(?:(?:async\s+)?def\s|class\s|import\s|from\s+[\w.]+\s+import\s|@\w)")
_TEXT_COMMAND = re.compile(r"\\(?:text|textbf|mathrm|mathbf)\{([^{}]*)\}")
_WRAPS = (
    ("**", "**"), ("__", "__"), ("*", "*"), ("_", "_"), ("`", "`"), ("$$", "$$"), ("$", "$"), ("\\(", "\\)"),
    ("\\[", "\\]"), ('"', '"'), ("“", "”"), ("«", "»"), ("「", "」"), ("'", "'"), ("‘", "’"), ("<", ">"),
)  # fmt: skip
_PLACEHOLDER = re.compile(
    r"<(?:text of the right option|one of these words|number|expression|answer|code|option text|value)>"
    r"|[.…\s]*",
    re.IGNORECASE,
)
_CANNOT = (
    r"(?:can['’]?t|can ?not|could not|couldn['’]t|won['’]?t|will not|must decline|am unable|are unable|"
    r"am not able)"
)
_REFUSAL = re.compile(
    r"(?:i['’]m |i am |we['’]re |we are )?(?:really |very |so )?(?:sorry|apologi[sz]e)\b|i apologi[sz]e\b|"
    rf"(?:unfortunately,? )?(?:(?:i|we) (?:{_CANNOT})\b|i['’]m (?:unable|not able)\b)|"
    r"as an ai\b|lo siento\b|je suis désolé|je ne peux pas\b|es tut mir leid|desculpe\b|mi dispiace\b|"
    r"抱歉|对不起|很抱歉|申し訳|죄송|извините|к сожалению",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Solved:
    """One solver's reply, taken apart.

    :param enrichment: what stands before the final answer, trimmed; the whole reply where there is no answer.
    :param answer: the final answer as written, without marks around it; None where there is none
        (not stated, cut off, refused, or `unanswerable`).
    """

    enrichment: str
    answer: str | None


def parse_solve(text: str, kind: str) -> Solved:
    """Return the final answer of a solver's reply and the text before it. Never raises; work is bounded.

    The last of `Answer: …` lines (bold, as a heading, in other languages) and `\\boxed{…}` decides; without
    them the last "the answer is …", then a JSON object's `answer`, then a reply that is one short line.
    For `code` the answer is the last fenced block.
    """
    body = after_thinking(text)
    if len(body) > MAX_CHARS:
        return Solved(body[:MAX_CHARS].strip(), None)
    whole = _from_json(body) if kind != "code" else None
    if whole is not None:
        return Solved(whole.enrichment, _accepted(whole.answer, kind))
    start, answer = _code(body) if kind == "code" else _final(body, kind)
    accepted = _accepted(answer, kind)
    if accepted is None and not _says_unanswerable(answer):
        return Solved(body.strip(), None)
    return Solved(_before(body, start), accepted)


def _accepted(answer: str | None, kind: str) -> str | None:
    if answer is None or _says_unanswerable(answer) or len(answer) > _MAX_ANSWER:
        return None
    answer = answer if kind in ("code", "structured") else _bare(answer)
    return None if _PLACEHOLDER.fullmatch(answer) else answer


def _says_unanswerable(answer: str | None) -> bool:
    return answer is not None and len(answer) < 80 and _bare(answer).casefold().rstrip(".") == UNANSWERABLE


def after_thinking(text: str) -> str:
    """Return a reply without a thinking block that the engine left in it."""
    body = text.rpartition("</think>")[2]
    return "" if body.lstrip().startswith("<think>") else body.strip("\ufeff \t\r\n")


def looks_refused(text: str) -> bool:
    """Return whether a reply starts the way refusals do."""
    return _REFUSAL.match(text.lstrip("\"'*> \t\n")) is not None


def unfenced(text: str) -> str:
    """Return the inside of a text that is one fenced block; any other text stays, trimmed at its ends."""
    text = text.strip("\n").rstrip()
    lines = text.strip().split("\n")
    mark = lines[0][:3]
    if len(lines) > 2 and mark in ("```", "~~~") and lines[-1].strip() == mark:
        return "\n".join(lines[1:-1]).strip("\n").rstrip()
    return text


def _code(body: str) -> tuple[int, str | None]:
    """Return where the last complete fenced block starts and what it holds."""
    start, opening, found = 0, "", None
    begin = 0
    for fence in _FENCE.finditer(body):
        if not opening:
            opening, begin, start = fence.group(1), fence.end() + 1, fence.start()
        elif fence.group().strip() == opening:
            found = (start, textwrap.dedent(body[begin : fence.start()]).strip("\n").rstrip())
            opening = ""
    if opening:  # the last block is cut off
        return 0, None
    if found is not None:
        return found
    return (0, body) if _CODE_START.match(body) else (0, None)


def _final(body: str, kind: str) -> tuple[int, str | None]:
    marked = _last_marked(body, kind)
    boxed = _last_boxed(body)
    if marked is not None and (boxed is None or boxed[0] < marked[0]):
        return marked
    if boxed is not None:
        return _line_start(body, boxed[0]), boxed[1]
    inline = _last_match(_INLINE, body)
    if inline is not None:
        said = body[inline.end() :].partition("\n")[0].strip(" \t:：")
        return _line_start(body, inline.start()), said.removesuffix(".")
    one_line = "\n" not in body and len(body) <= _BARE_CHARS and len(body.split()) <= _BARE_WORDS
    if one_line and not looks_refused(body) and not body.endswith((":", "?")) and "{" not in body:
        return 0, body
    return 0, None


def _from_json(body: str) -> Solved | None:
    """Read a reply that is one JSON object: its `answer`, and as enrichment the texts before that key."""
    body = unfenced(body)
    if not body.startswith("{"):
        return None
    scan = scan_objects(body)
    if len(scan.objects) != 1 or scan.cut_off:
        return None
    before: list[str] = []
    for key, value in scan.objects[0].items():
        if key.casefold().replace("_", " ") in ("answer", "final answer"):
            text = ("yes" if value else "no") if isinstance(value, bool) else value
            return Solved("\n\n".join(before), text) if isinstance(text, str) else None
        if isinstance(value, str) and value.strip():
            before.append(value.strip())
    return None


def _last_marked(body: str, kind: str) -> tuple[int, str] | None:
    """Return where the last answer line starts and what it says, there or on the next line with text."""
    line, heading = _last_match(_LINE, body), _last_match(_HEADING, body)
    if line is not None and (heading is None or heading.start() < line.start()):
        last, answer = line, _closed(line)
    elif heading is not None:
        last, answer = heading, ""
    else:
        return None
    rest = body[last.end() :]
    if kind in ("free_text", "structured"):
        whole = f"{answer}{rest}".strip()
        return last.start(), unfenced(whole) if kind == "structured" else whole
    if not answer:
        answer = rest.strip().partition("\n")[0]
    return last.start(), answer


def _closed(line: re.Match[str]) -> str:
    """Return an answer line's answer without the end of an emphasis that began before the word `Answer`."""
    mark, answer = line.group("open"), line.group("answer").strip()
    if mark and answer.endswith(mark) and answer.count(mark) % 2:
        return answer.removesuffix(mark).strip()
    return answer


def _last_match(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    last = collections.deque(pattern.finditer(text), maxlen=1)
    return last[0] if last else None


def _last_boxed(body: str) -> tuple[int, str] | None:
    opened = _last_match(_BOXED, body)
    if opened is None:
        return None
    depth = 1
    for at in range(opened.end(), min(len(body), opened.end() + _MAX_BOXED)):
        depth += {"{": 1, "}": -1}.get(body[at], 0)
        if depth == 0:
            return opened.start(), body[opened.end() : at]
    return None


def _line_start(body: str, at: int) -> int:
    return body.rfind("\n", 0, at) + 1


def _bare(answer: str) -> str:
    """Take off what models wrap an answer in: emphasis, quotes, mathematics marks, boxes."""
    answer = answer.strip()
    for _ in range(8):
        before = answer
        boxed = _last_boxed(answer)
        if boxed is not None:
            answer = boxed[1].strip()
        if answer.startswith("\\"):
            answer = _TEXT_COMMAND.sub(r"\1", answer)
        answer = _unwrapped(answer)
        if answer == before:
            break
    return answer


def _unwrapped(answer: str) -> str:
    """Return the inside of one pair of marks around the whole answer, a full stop after it included."""
    ended = answer.removesuffix(".")
    for opener, closer in _WRAPS:
        inner = ended[len(opener) : -len(closer)]
        whole = ended.startswith(opener) and ended.endswith(closer) and len(ended) > len(opener + closer)
        if whole and opener not in inner and closer not in inner and not _PLACEHOLDER.fullmatch(ended):
            return inner.strip()
    return answer


def _before(body: str, start: int) -> str:
    """Return the text before the answer, without answer lines or heads at its end."""
    text = body[:start].rstrip()
    for _ in range(4):
        line_at = text.rfind("\n") + 1
        line = text[line_at:]
        if not (
            _LINE.fullmatch(line) or _HEADING.fullmatch(line) or line.strip() in ("```", "```json", "---")
        ):
            break
        text = text[:line_at].rstrip()
    return text.strip()
