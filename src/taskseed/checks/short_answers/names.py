"""Names of persons and places that differ in form only. Pure; a part of a name is not the name."""

import re
from collections.abc import Callable

from taskseed.checks.reading import clean, word_list
from taskseed.checks.short_answers.gazetteer import ADJECTIVES, CITIES, PERSONS, SAME
from taskseed.checks.short_answers.questions import Asked, stem

__all__ = ["FORM_ASKED", "same_name"]

Key = Callable[[str], str | None]

_TITLES = frozenset(
    word_list(
        "sir doctor king queen president emperor empress tsar czar pope prime minister lord lady dame mister "
        "professor general captain senator chancellor prince princess sultan reverend admiral colonel "
        "justice "
        "rev hm governor cardinal archbishop bishop pharaoh"
    )
)
# With these before one name alone, another thing may be meant: "Captain America", "Prince Rupert".
_TITLES_OF_ONE_NAME = frozenset(
    word_list("sir king queen president emperor empress tsar czar pope saint pharaoh doctor")
)
_PLACES = frozenset(
    word_list(
        "island islands county street avenue road university college school hospital church cathedral bridge "
        "house park square station award prize sound land bay cape river lake mountain city town fort "
        "airport "
        "medal palace hall museum theater hotel line cross lane point falls creek blues"
    )
)
_NUMERALS = {
    numeral: number
    for number, numeral in enumerate(
        word_list("i ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi xvii xviii xix xx xxi xxii xxiii"), 1
    )
}
_ORDINAL = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)")
_INVERTED = re.compile(r"([^\W\d_][\w'’. -]{0,40}), ([^\W\d_][\w'’. -]{0,40}?)(?:, ([JS]r\.?))?")
# What stands before or behind the name of a thing of nature, by what a question calls it.
_GENERICS = {
    "mountain": "mount mountain", "peak": "mount peak", "volcano": "mount volcano", "summit": "mount",
    "riv": "river", "lak": "lake", "ocean": "ocean", "sea": "sea", "desert": "desert",
    "island": "island islands",
    "rang": "mountains range", "strait": "strait", "bay": "bay", "gulf": "gulf", "peninsula": "peninsula",
    "canal": "canal", "waterfall": "falls waterfall", "falls": "falls", "planet": "planet", "gas": "gas",
    "mountain rang": "mountains range", "reef": "reef",
}  # fmt: skip
_NAMED_WITH_OF = frozenset(
    map(
        stem,
        word_list(
            "city town village state country island province month kingdom republic planet gulf county"
        ),
    )
)
# Without these behind it, a name may be that of another thing: "Mexico City", "Washington University".
_NOT_DROPPED = frozenset(
    word_list(
        "city town village university college school station street road avenue airport club team "
        "company day "
        "year century number cell island part type kind group republic war state book club album king queen "
        "president band acid bank prize award"
    )
)
# Where a question asks for one of the forms, the other is no answer.
FORM_ASKED = (
    r"stands? for|abbreviat\w+|acronyms?|initialism|full (?:name|form)|short for|initials?|letters|"
    r"official(?:ly)?|expan\w+|spel[lt]\w*|formula|symbol|chemical name"
)
# How letters are written where a keyboard lacks them: "Schroedinger", "Aarhus".
_TRANSCRIBED = str.maketrans(
    {
        "ö": "oe",
        "ü": "ue",
        "ä": "ae",
        "å": "aa",
        "ø": "oe",
        "Ö": "Oe",
        "Ü": "Ue",
        "Ä": "Ae",
        "Å": "Aa",
        "Ø": "Oe",
    }
)


def same_name(said: str, gold: str, asked: Asked, key: Key) -> bool:
    """Say whether two texts are forms of one name.

    "Queen Elizabeth II" and "Elizabeth II", "Henry the Eighth" and "Henry VIII", "Tchaikovsky, Pyotr Ilyich",
    "USA" and "United States"; where the question asks for such a thing, "Lake Superior" and "Superior",
    "Rome, Italy" and "Rome", "Mozart" and "Wolfgang Amadeus Mozart".

    :param key: returns the form in which short answers are compared.
    """
    x, y = key(said), key(gold)
    if not x or not y:
        return False
    if _named_alike(x, y, asked) or _initials_agree(x, y) or _person(x, asked) == _person(y, asked):
        return True
    if _transcribed(said, gold, asked, key):
        return True
    turned = [key(_turned(text) or text) or "" for text in (said, gold)]
    if turned != [x, y] and _person(turned[0], asked) == _person(turned[1], asked):
        return True
    return _generic(x.split(), y.split(), asked) or _placed(said, gold, asked, key)


def _transcribed(said: str, gold: str, asked: Asked, key: Key) -> bool:
    """Say whether two names differ in how they write a letter: "Schrödinger" and "Schroedinger"."""
    texts = clean(said), clean(gold)
    plain = [text.translate(_TRANSCRIBED) for text in texts]
    if plain == list(texts) or not (said[:1].isupper() and gold[:1].isupper()):
        return False
    return key(plain[0]) == key(plain[1]) and not asked.has(FORM_ASKED + "|umlauts?|accents?|diacritics?")


def _named_alike(x: str, y: str, asked: Asked) -> bool:
    """Say whether both are forms of a country, a body or a war; not where their form is what is asked."""
    same = SAME.get(x)
    if same is None or same != SAME.get(y):
        return False
    return not asked.has(FORM_ASKED)


def _person(name: str, asked: Asked) -> str:
    """Return the key of a person's name without titles, with the ordinal of "Henry the Eighth" as "VIII"."""
    words = re.sub(r"(?<!\d)[.,]|[.,](?!\d)", "", name).split()  # "1.5" is no initial
    words = _without_country(words, asked)
    if len(words) > 1 and words[-1] == "second":
        words[-1] = "2nd"
    if len(words) > 1 and _ORDINAL.fullmatch(words[-1]) and words[-2].isalpha():
        number = int(_ORDINAL.fullmatch(words[-1])[1])  # type: ignore[index]
        numeral = next((n for n, value in _NUMERALS.items() if value == number), None)
        named = words[-2] not in _NOT_BEFORE_NUMERAL
        words = [*words[:-1], numeral] if numeral and named else words
    bare = _without_title(words, asked)
    joined = " ".join(bare)
    if asked.person:
        return PERSONS.get(joined, joined)
    return PERSONS.get(joined, joined) if len(bare) > 1 else joined


_NOT_BEFORE_NUMERAL = frozenset(
    word_list("war part chapter volume act type world amendment avenue street century")
)


def _initials_agree(x: str, y: str) -> bool:
    """Say whether two full names differ in a name that one shortens: "John F." and "John Fitzgerald"."""
    a, b = (re.sub(r"(?<!\d)\.", "", name).split() for name in (x, y))
    if len(a) != len(b) or len(a) < 3 or a[-1] != b[-1] or len(a[-1]) < 3:
        return False
    pairs = list(zip(a[:-1], b[:-1], strict=True))
    whole = any(v == w and len(v) > 2 for v, w in pairs)
    return whole and all(
        v == w or ((v[0] == w[0] and 1 in (len(v), len(w))) and v.isalpha()) for v, w in pairs
    )


def _without_country(words: list[str], asked: Asked) -> list[str]:
    """Drop "of England" behind a numeral where the question speaks of England."""
    if len(words) > 3 and words[-2] == "of" and (words[-3] in _NUMERALS or _ORDINAL.fullmatch(words[-3])):
        country = words[-1]
        adjective = ADJECTIVES.get(country, country)
        if country in asked.words or adjective in asked.words:
            return words[:-2]
    return words


def _without_title(words: list[str], asked: Asked) -> list[str]:
    bare = list(words)
    titles = []
    while len(bare) > 1 and (bare[0] in _TITLES or (bare[0] == "saint" and asked.person)):
        titles.append(bare.pop(0))
    if not titles or not _PLACES.isdisjoint(bare) or bare[0] == "of":
        return words
    if len(bare) > 1:
        return bare
    ruled = _TITLES_OF_ONE_NAME.issuperset(titles)
    return bare if ruled and asked.person and bare[0].isalpha() and len(bare[0]) > 2 else words


def _turned(text: str) -> str | None:
    """Return "Pyotr Ilyich Tchaikovsky" for "Tchaikovsky, Pyotr Ilyich"."""
    m = _INVERTED.fullmatch(text.strip())
    if m is None:
        return None
    parts = [*m[1].split(), *m[2].split()]
    capital = all(w[0].isupper() or w in ("van", "von", "de", "da", "of", "der", "la", "le") for w in parts)
    if not capital or (not parts[-1][0].isupper() and parts[-1] not in ("van", "von", "de", "da")):
        return None
    return f"{m[2]} {m[1]}" + (f" {m[3]}" if m[3] else "")


def _generic(said: list[str], gold: list[str], asked: Asked) -> bool:
    """Say whether two names differ in the word for what they name, and the question uses that word."""
    if not asked.noun:
        return False
    head = asked.head
    names = set(_GENERICS.get(head, "").split()) | {head}
    if len(said) > len(gold):
        return _only_adds(said, gold, asked, names)
    return (
        not asked.person
        and len(gold) > len(said)
        and head not in _NOT_DROPPED_STEMS
        and _only_adds(gold, said, asked, names)
    )


_NOT_DROPPED_STEMS = frozenset(map(stem, _NOT_DROPPED))


def _only_adds(longer: list[str], shorter: list[str], asked: Asked, names: set[str]) -> bool:
    def is_name(word: str) -> bool:
        return word in names or stem(word) in names

    more = len(longer) - len(shorter)
    if "university" in longer or "college" in longer or not shorter[0][0].isalnum():
        return False
    if longer[:-1] == shorter and is_name(longer[-1]):
        return True
    front = longer[:more]
    if front[-1] == "of":
        front = front[:-1] if asked.head in _NAMED_WITH_OF else []
    own = {stem(w) for w in asked.noun}
    if longer[more:] != shorter or not front:
        return False
    owner = front[-1].endswith("'s") and stem(front[-1]) in own  # "Shakespeare's Hamlet"
    return (owner or is_name(front[-1])) and all(stem(w) in own or is_name(w) for w in front)


def _placed(said: str, gold: str, asked: Asked, key: Key) -> bool:
    """Say whether one of two texts only adds where a city is: "Rome, Italy"."""
    if not asked.words or asked.has("country|countries|state|states"):
        return False
    if key(_with_comma(said)) == key(_with_comma(gold)):
        return True
    for longer, shorter in ((said, gold), (gold, said)):
        city, *where = (part.strip() for part in _with_comma(longer).split(","))
        if not 1 <= len(where) <= 2 or not city or key(city) != key(shorter):
            continue
        regions = [key(part) or "" for part in where]
        known = CITIES.get(key(city) or "", frozenset())
        if all(region in known for region in regions):
            return True
        if longer is said and len(where) == 1 and where[0][:1].isupper() and _in_question(regions[0], asked):
            return True
    return False


def _with_comma(text: str) -> str:
    return re.sub(r"\s\(([^()]+)\)$", r", \1", text)


def _in_question(region: str, asked: Asked) -> bool:
    return len(region) > 2 and f" {region} " in f" {' '.join(asked.words)} "
