"""How a number is written: its roundness, its decimals, and its text after a change."""

from fractions import Fraction

from taskseed.numeric.tokens import NUMBER_WORDS, Token

__all__ = ["decimals", "grid_of", "in_style", "plain_text"]

_BY_VALUE = {value: word for word, value in NUMBER_WORDS.items()}


def decimals(value: Fraction) -> int | None:
    """Return how many decimals write a value exactly, or None where no six decimals do."""
    for count in range(7):
        if (value * 10**count).denominator == 1:
            return count
    return None


def grid_of(token: Token) -> Fraction:
    """Return the step in which a number may change so that it stays as round as it is."""
    value = token.values[0]
    if token.unit == "percent" and value % 5 == 0:
        return Fraction(5)
    if value.denominator > 1:
        places = decimals(value) or 1
        steps = (Fraction(n, 10**places) for n in (50, 25, 5) if n < 10**places)
        return next((s for s in steps if value % s == 0 and value / s >= 2), Fraction(1, 10**places))
    for step in (10**k * m for k in range(9, -1, -1) for m in (5, 1)):
        if value % step == 0 and value >= 3 * step:
            return Fraction(step)
    return Fraction(1)


def plain_text(value: Fraction) -> str:
    """Return the decimal text of a value without trailing zeros: `1200`, `2.5`.

    :raises ValueError: no six decimals write it exactly.
    """
    places = decimals(value)
    if places is None:
        raise ValueError(f"{value} has no short decimal text")
    return _digits(value, places)


def _digits(value: Fraction, places: int) -> str:
    scaled = abs(value) * 10**places
    text = str(scaled.numerator).rjust(places + 1, "0")
    body = f"{text[:-places]}.{text[-places:]}" if places else text
    return f"-{body}" if value < 0 else body


def in_style(value: Fraction, text: str, style: str, *, commas: bool) -> str | None:
    """Return a value written as an old text was (`1,200`, `2.50`, `Twenty-two`), or None where it cannot be.

    :param commas: whether the surrounding text groups thousands.
    """
    if style == "word" and value.denominator == 1 and 0 < value < 100:
        return _in_words(int(value), text)
    places = decimals(value)
    written = len(text.partition(".")[2])
    if places is None or places > written or (written and not places and not text.endswith("0")):
        return None
    digits = _digits(value, written if text.endswith("0") or written == 2 else places)
    whole, point, rest = digits.partition(".")
    if ("," in text or (commas and len(whole) > 3)) and len(whole) > 3:
        whole = f"{int(whole):,}"
    return ("" if text.startswith(".") and whole == "0" else whole) + point + rest


def _in_words(value: int, text: str) -> str:
    if value in _BY_VALUE:
        word = _BY_VALUE[value]
    else:
        word = f"{_BY_VALUE[value // 10 * 10]}-{_BY_VALUE[value % 10]}"
    if text.isupper() and len(text) > 1:
        return word.upper()
    return word.capitalize() if text[0].isupper() else word
