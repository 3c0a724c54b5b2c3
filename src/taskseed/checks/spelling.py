"""One of the two spellings of English words. Pure."""

import re

__all__ = ["american"]

_SPELLINGS = {
    "grey": "gray", "defence": "defense", "offence": "offense", "licence": "license",
    "aluminium": "aluminum", "aeroplane": "airplane", "catalogue": "catalog", "dialogue": "dialog",
    "programme": "program", "tyre": "tire", "plough": "plow", "mould": "mold", "jewellery": "jewelry",
    "pyjamas": "pajamas", "oestrogen": "estrogen", "haemoglobin": "hemoglobin", "anaemia": "anemia",
    "foetus": "fetus", "cheque": "check", "analyse": "analyze", "mum": "mom", "okay": "ok",
    "traveller": "traveler", "maths": "math", "caesium": "cesium", "judgement": "judgment",
    "encyclopaedia": "encyclopedia", "paediatrics": "pediatrics", "diarrhoea": "diarrhea",
    "whisky": "whiskey", "kerb": "curb", "moustache": "mustache", "sceptic": "skeptic", "litre": "liter",
}  # fmt: skip
# British endings, written as American ones. Both texts are, so that a word which is neither does no harm.
_BRITISH = (
    (re.compile(r"(?<=[a-z]{2})our(?=(?:s|ed|ing|ite|ites|able|less|ful|hood|ly|er|ers|al)?$)"), "or"),
    (re.compile(r"(?<=[a-z]{4})is(?=(?:e|ed|es|er|ing|ation|ations)$)"), "iz"),
    (re.compile(r"(?<=[a-z]{2})tre(?=s?$)"), "ter"),
    (re.compile(r"(?<=[a-z])ibre(?=s?$)"), "iber"),
    (re.compile(r"^sulph"), "sulf"),
)


def american(word: str) -> str:
    """Return a word in one of its two English spellings."""
    if word in _SPELLINGS:
        return _SPELLINGS[word]
    if len(word) < 5 or len(word) > 30:
        return word
    for ending, written in _BRITISH:
        word = ending.sub(written, word, count=1)
    return word
