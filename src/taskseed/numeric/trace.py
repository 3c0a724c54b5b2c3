"""Binding every number of a worked problem to where it comes from, once per seed.

A number whose origin is open (two candidates that would differ in a variant) is never guessed: every
variable that any candidate depends on is frozen at its seed value, under which all candidates agree.
The idea of templates with variables and conditions is that of GSM-Symbolic (arXiv 2410.05229), found
here from the calculator annotations (arXiv 2110.14168) instead of by hand.
"""

import re
from fractions import Fraction

from taskseed.numeric.desk import (
    Desk,
    around,
    candidates,
    constant,
    desk_for,
    probe,
    scales,
    stands_fixed,
    used_variables,
)
from taskseed.numeric.equations import Worked, false_equations, read_solution
from taskseed.numeric.freeze import freeze_ambiguous, freeze_related
from taskseed.numeric.template import Mention, Ref, Refusal, Step, Template
from taskseed.numeric.tokens import Token

__all__ = ["trace"]

_ALGEBRA = re.compile(
    r"(?<![\w'’$])[A-Za-z] ?=|=\s*[b-zB-Z](?![\w'’.])|\b[xX] ?[-+*/=] ?"
    r"|[-+*/=] ?[xyXY]\b(?! ?[\d$(])|\blet [a-z]\b",
    re.I,
)
_MULTIPLES = re.compile(r"half|halves|twice|thrice|doubl|tripl|quadrupl|dozen|third|quarter|fourth", re.I)
_MAX_LENGTH = 6_000  # characters
_MAX_NUMBERS = 60
_MAX_STEPS = 24


def trace(question: str, solution: str) -> Template | Refusal:
    """Return the template of a worked problem, or why there is none.

    :param solution: prose with `<<expression=value>>` annotations and a last line `#### answer`.
    """
    if max(len(question), len(solution)) > _MAX_LENGTH:
        return Refusal("too_long", f"{len(question)} and {len(solution)} characters")
    worked = read_solution(solution)
    refusal = _unsuitable(worked)
    if refusal is not None:
        return refusal
    desk = desk_for(question, worked)
    if len(desk.tokens) > _MAX_NUMBERS or len(desk.numbers) > 4 * _MAX_NUMBERS:
        return Refusal("too_long", f"{len(desk.tokens)} numbers in the question")
    mentions = _bind_steps(desk) or _bind_mentions(desk)
    if isinstance(mentions, Refusal):
        return mentions
    freeze_ambiguous(desk)
    freeze_related(desk)
    freeze_ambiguous(desk)  # what is held now may leave another number open
    return _template(desk, mentions)


def _unsuitable(worked: Worked) -> Refusal | None:
    if worked.problem is not None:
        return Refusal(*worked.problem)
    if not worked.annotated:
        return Refusal("no_annotation", "")
    if len(worked.equations) > _MAX_STEPS:
        return Refusal("too_long", f"{len(worked.equations)} steps")
    last = worked.equations[-1].value
    if last != worked.answer:
        return Refusal("final_not_last", f"{_show(last)} is not {_show(worked.answer)}")
    false = false_equations(worked.text)
    if false:
        return Refusal("result_mismatch", false[0])
    algebra = _ALGEBRA.search(worked.text)
    return Refusal("algebra", algebra.group()) if algebra else None


def _bind_steps(desk: Desk) -> Refusal | None:
    for index, equation in enumerate(desk.worked.equations):
        operands: list[Ref] = []
        for value in equation.expression.operands:
            choice = candidates(desk, value, "operand", index)
            if not choice:
                return Refusal("untraceable_operand", f"{_show(value)} in {around(desk, equation.position)}")
            desk.choices.append(choice)
            operands.append(choice[0])
        limit = _result_limit(desk, equation.position, equation.value)
        desk.steps.append(Step(equation.expression.program, tuple(operands), equation.value, limit))
    return None


def _result_limit(desk: Desk, position: int, value: Fraction) -> Fraction | None:
    text = desk.worked.text[position : position + 60]
    if value <= 100 and re.match(r"[\s$]*[\d.,]+ ?(?:%|percent)", text):
        return Fraction(100)
    if value <= 24 and re.match(r"[\s$]*[\d.,]+ hours?\b[^.]*\b(?:day|daily|night)\b", text):
        return Fraction(24)
    return None


def _bind_mentions(desk: Desk) -> list[Mention] | Refusal:
    mentions: list[Mention] = []
    for token in desk.numbers:
        if token.style == "glued":
            return Refusal("algebra", around(desk, token.start))
        if token.style == "fixed":
            refusal = _bind_fixed(desk, token)
            if refusal is not None:
                return refusal
            continue
        choice = _own_result(desk, token) or _own_operands(desk, token)
        choice = choice or candidates(desk, token.values[0], token.unit, len(desk.steps))
        if not choice:
            return Refusal("untraceable_number", f"{token.text} in {around(desk, token.start)}")
        desk.choices.append(choice)
        mentions.append(Mention(token.start, token.end, token.text, token.style, choice[0]))
    return mentions


def _bind_fixed(desk: Desk, token: Token) -> Refusal | None:
    """Hold all that a number which cannot be rewritten (half, third, 7:30) may come from."""
    known = any(t.text.lower() == token.text.lower() and t.style == "fixed" for t in desk.tokens)
    choices = [c for v in token.values[:2] for c in candidates(desk, v, "operand", len(desk.steps))]
    varied = [c for c in choices if c.source is not None]
    bound = known or varied or any(stands_fixed(desk, v, "operand") for v in token.values[:2])
    if not bound and _MULTIPLES.match(token.text):
        return Refusal("unbound_word", around(desk, token.start))
    if not known and not choices and token.text[0].isdigit():
        return Refusal("untraceable_number", around(desk, token.start))
    desk.choices.extend((c, constant(Fraction(-1))) for c in varied)
    return None


def _own_result(desk: Desk, token: Token) -> tuple[Ref, ...]:
    """Return the step whose result this number shows, right behind the annotation or the equals sign."""
    for index, equation in enumerate(desk.worked.equations):
        gap = desk.worked.text[equation.position : token.start]
        if equation.position <= token.start and not gap.strip(" $\n"):
            for scale in scales(token.unit):
                if equation.value * scale == token.values[0]:
                    return (Ref(len(desk.variables) + index, scale),)
    return ()


def _own_operands(desk: Desk, token: Token) -> tuple[Ref, ...]:
    """Return the operands of equal value of the calculation that this number is written in."""
    text = desk.worked.text
    for index, equation in enumerate(desk.worked.equations):
        if equation.position < token.end:
            continue
        previous = desk.worked.equations[index - 1].position if index else 0
        start = max(previous, text.rfind("\n", 0, equation.position) + 1)
        between = text[token.end : equation.position].replace(".", "", 1)
        if token.start < start or not re.fullmatch(r"[^.?!;]*", between):
            return ()
        operands = zip(equation.expression.operands, desk.steps[index].operands, strict=True)
        return tuple(ref for value, ref in operands if value == token.values[0])
    return ()


def _template(desk: Desk, mentions: list[Mention]) -> Template | Refusal:
    used = sorted(used_variables(desk))
    for index in set(range(len(desk.variables))) - set(used):
        desk.frozen.setdefault(index, "no_variable")
    if probe(desk, 1)[-1] == desk.worked.answer:
        held = [i for i in used if i in desk.frozen]
        reason = desk.frozen[held[0]] if held else "no_variable"
        return Refusal(reason, ", ".join(desk.sources[i].text for i in held)[:200])
    free = tuple(i for i in used if i not in desk.frozen)
    shown = tuple(
        Mention(t.start, t.end, t.text, t.style, Ref(i)) for i, t in enumerate(desk.sources) if i in free
    )
    return Template(
        desk.question,
        desk.worked.text,
        desk.variables,
        free,
        tuple(desk.steps),
        _ranked(desk),
        _shares(desk),
        shown,
        tuple(mentions),
    )


def _ranked(desk: Desk) -> tuple[tuple[Fraction, Ref], ...]:
    """Return one, the question's numbers, the constants used and all results, by their seed values."""
    count = len(desk.variables)
    fixed = [t.values[0] for t in desk.tokens if t not in desk.sources]
    used = [ref.offset for step in desk.steps for ref in step.operands if ref.source is None]
    found = [(value, constant(value)) for value in (Fraction(1), *fixed, *used)]
    found += [(v.value, Ref(i)) for i, v in enumerate(desk.variables)]
    found += [(s.value, Ref(count + i)) for i, s in enumerate(desk.steps)]
    return tuple(sorted(dict.fromkeys(found), key=lambda pair: pair[0]))


def _shares(desk: Desk) -> tuple[Ref, ...]:
    percentages = [t for t in desk.tokens if t.unit == "percent"]
    if sum(t.values[0] for t in percentages) > 100:
        return ()
    return tuple(
        Ref(desk.sources.index(t)) if t in desk.sources else constant(t.values[0]) for t in percentages
    )


def _show(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else str(float(value))
