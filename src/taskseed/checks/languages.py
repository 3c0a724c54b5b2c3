"""In which language a text is, as far as its script and its commonest words tell. Pure.

No model and no data files: a text in a script of few languages is told by its letters, one in Latin or
Cyrillic letters by function words. Where that is not clear, the language is unknown (None); closely related
languages are never told apart with certainty.
"""

import functools
import re
import unicodedata
from collections import Counter

__all__ = ["guess_language", "speaks_another_language"]

_MAX_CHARS = 20_000
_MIN_LETTERS = 60
_MIN_WORDS = 25
_MIN_DISTINCT = 5  # different function words: one of them, often repeated, is no language
_MIN_SHARE = 0.14  # of a text's words that are function words of its language; prose has 0.25 and more
_LEAD = 2.0  # times as many as of the next unrelated language

_SCRIPTS = {  # script, as character names begin: languages written in it
    "HIRAGANA": ("ja",), "KATAKANA": ("ja",), "HANGUL": ("ko",), "CJK": ("zh", "ja", "yue"), "THAI": ("th",),
    "ARABIC": ("ar", "fa", "ur", "ug", "ps", "sd"), "HEBREW": ("he", "yi"), "GREEK": ("el",),
    "DEVANAGARI": ("hi", "mr", "ne", "sa"), "BENGALI": ("bn", "as"), "TAMIL": ("ta",), "TELUGU": ("te",),
    "KANNADA": ("kn",), "MALAYALAM": ("ml",), "GUJARATI": ("gu",), "GURMUKHI": ("pa",), "SINHALA": ("si",),
    "ETHIOPIC": ("am", "ti"), "GEORGIAN": ("ka",), "ARMENIAN": ("hy",), "KHMER": ("km",), "LAO": ("lo",),
    "MYANMAR": ("my",), "CYRILLIC": ("ru", "uk", "bg", "sr", "mk", "be", "kk", "ky", "mn", "tg"),
}  # fmt: skip
_WORDS = {
    "en": "the of and to in is that it for as with was are be this by on not or from which at an its "
    "has have but they so if than their then there we you he she would can each",
    "es": "el la los las de que y en un una es por con para del se no su al lo como más pero sus son le "
    "ya fue entre este esta porque cada",
    "pt": "o os as de que e em um uma é por com para do da no na se não ao como mais mas foi dos das "
    "são pelo pela seu sua também cada",
    "fr": "le la les de des du et en un une est que qui pour dans par sur pas au il ne se ce avec sont "
    "plus cette ou mais donc chaque",
    "it": "il lo la gli le di che e in un una è per con non del della si al da sono come più ma i dei "
    "delle nel questo questa quindi ogni",
    "ca": "el la els les de que i en un una és per amb del no al com més però són va dels aquesta "
    "aquest perquè",
    "gl": "o a os as de que e en un unha é por con para do da non se ao como máis pero foi dos das son",
    "ro": "și în de la cu o un este nu pe care din că se au mai sunt pentru ce să fi prin",
    "de": "der die das und in den von zu mit ist des im dem nicht ein eine als auch es an werden aus er "
    "hat daß dass sie nach bei um noch wie einen so wird sind also jede",
    "nl": "de het een van en in is dat op te voor met zijn niet aan er om ook als dan maar bij naar uit "
    "door wordt dus elke",
    "sv": "och att det i en som är på för av med den till inte om ett han har de var kan så eller",
    "da": "og at det i en som er på for af med den til ikke om et han har de var kan så eller",
    "no": "og at det i en som er på for av med den til ikke om et han har de var kan så eller",
    "fi": "ja on ei se että oli hän mutta ovat kun niin myös joka jos tai sen mukaan kuin siis",
    "pl": "na się nie do to że jest jak od po za co przez dla są ale tego czy więc oraz lub który",
    "cs": "se na je že do to jako pro by ale jsou po není které také tedy nebo při podle když",
    "hu": "a az és hogy nem egy is ez meg van volt csak mint de ha vagy el még már tehát",
    "tr": "ve bir bu için da de ile çok olarak en daha olan gibi var ise ancak ya ne her",
    "vi": "và của là có trong cho không được một các với những người này khi đã để từ theo thì nên",
    "id": "yang dan di dari ini untuk dengan adalah pada tidak itu dalam ke akan oleh juga karena atau bahwa",
    "sw": "na ya wa kwa ni katika za la kuwa cha hii kama au yake ambayo hivyo kila",
    "eu": "eta da bat ez du dira ere zuen izan den dute baina hau hori dela egin zen baino beraz",
    "ru": "и в не на что он с как это по но из у за от так же для все или если то был были чтобы",
    "uk": "і в не на що він з як це по але із у за від так для або якщо то був були щоб та",
    "bg": "и в не на че той с как това по но от за се е или ако то са да",
}
# Related languages share function words; one is not held against another of its group.
_GROUPS = (
    {"es", "pt", "gl", "ca", "it", "fr", "ro"},
    {"sv", "da", "no", "nb", "nn"},
    {"de", "nl", "af", "lb"},
    {"pl", "cs", "sk", "sl", "hr", "sr"},
    {"ru", "uk", "bg", "be", "mk", "sr"},
    {"id", "ms"},
    {"zh", "yue", "ja"},
)


def guess_language(text: str) -> str | None:
    """Return the BCP 47 code of a text's language; None where its letters and words leave it open."""
    text = text[:_MAX_CHARS]
    scripts = _scripts_of(text)
    total = scripts.total()
    if total < _MIN_LETTERS and not scripts.keys() - {"LATIN"}:
        return None
    if not total or total < 20:
        return None
    script, count = scripts.most_common(1)[0]
    if scripts["HIRAGANA"] + scripts["KATAKANA"] > total // 10:
        return "ja"
    if count < 0.6 * total:
        return None
    if script not in ("LATIN", "CYRILLIC"):
        return _SCRIPTS[script][0] if script in _SCRIPTS else None
    return _by_words(text, cyrillic=script == "CYRILLIC")


def speaks_another_language(text: str, language: str, question: str = "") -> str | None:
    """Return the language of a text that is surely not the one asked for, else None.

    :param language: BCP 47; nothing is said against a language that is not known here.
    :param question: a text in the same language as this one shows that the other language was asked for.
    """
    found = guess_language(text)
    wanted = language.partition("-")[0].casefold()
    if found is None or found == wanted or any({found, wanted} <= group for group in _GROUPS):
        return None
    known = wanted in _WORDS or any(wanted in languages for languages in _SCRIPTS.values())
    same_script = any({found, wanted} <= set(languages) for languages in _SCRIPTS.values())
    if not known or same_script or guess_language(question) == found:
        return None
    return found


def _scripts_of(text: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for character, count in Counter(text).items():
        if character.isalpha():
            found[_script(character)] += count
    return found


@functools.cache
def _script(character: str) -> str:
    return unicodedata.name(character, "").partition(" ")[0].partition("-")[0]


def _by_words(text: str, *, cyrillic: bool) -> str | None:
    words = re.findall(r"[^\W\d_]+", text.casefold())
    if len(words) < _MIN_WORDS:
        return None
    counts = Counter(words)
    scores = {
        language: sum(counts[w] for w in known) / len(words)
        for language, known in _function_words().items()
        if (language in _SCRIPTS["CYRILLIC"]) == cyrillic
    }
    best = max(scores, key=lambda name: scores[name])
    rivals = [s for name, s in scores.items() if name != best and not any({name, best} <= g for g in _GROUPS)]
    clear = scores[best] >= max(_MIN_SHARE, _LEAD * max(rivals, default=0.0))
    return best if clear and len(_function_words()[best] & counts.keys()) >= _MIN_DISTINCT else None


@functools.cache
def _function_words() -> dict[str, frozenset[str]]:
    return {language: frozenset(text.split()) for language, text in _WORDS.items()}
