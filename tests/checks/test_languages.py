"""Telling languages by script and function words."""

import pytest

from taskseed.checks.languages import guess_language, speaks_another_language

TEXTS = {
    "en": "The heat of the sun is what makes the water of the sea rise into the air, and that is why "
    "there are clouds, which in the end give it back to the land as rain or snow.",
    "de": "Die Wärme der Sonne lässt das Wasser aus dem Meer in die Luft steigen, und deshalb gibt es "
    "Wolken, die es am Ende als Regen oder Schnee auf das Land zurückgeben, wenn sie nicht "
    "vorher verwehen.",
    "es": "El calor del sol hace que el agua del mar suba al aire, y por eso hay nubes que al final "
    "la devuelven a la tierra como lluvia o como nieve, si no se las lleva antes el viento de "
    "la costa.",
    "ja": "太陽の熱によって海の水は空気の中に上がり、そのために雲ができて、最後には雨や雪として陸に戻"
    "ってくるのである。",
    "zh": "太阳的热量使海里的水升到空气中，因此形成了云，最后又以雨或雪的形式回到陆地上，滋润万物，周"
    "而复始。",
    "ru": "Тепло солнца поднимает воду из моря в воздух, и поэтому есть облака, которые в конце "
    "концов отдают ее земле как дождь или снег, если их не унесет ветер, что бывает не так "
    "часто.",
    "el": "Η θερμότητα του ήλιου ανεβάζει το νερό της θάλασσας στον αέρα και γι' αυτό υπάρχουν σύννεφα.",
}


@pytest.mark.parametrize(("language", "text"), TEXTS.items())
def test_prose_is_told_by_its_script_and_commonest_words(language: str, text: str) -> None:
    """A few lines are enough where the language is listed."""
    assert guess_language(text) == language


@pytest.mark.parametrize(
    "text", ["", "72 ÷ 8 = 9", "Miguel Ángel Asturias", "def f(x):\n    return x", "a b c d " * 30]
)
def test_what_is_too_little_is_unknown(text: str) -> None:
    """Names, formulas and code have no language."""
    assert guess_language(text) is None


def test_a_text_in_another_language_is_named_only_where_it_is_sure() -> None:
    """Related languages, unknown ones, and a question that is in that language itself are let pass."""
    assert speaks_another_language(TEXTS["en"], "es") == "en"
    assert speaks_another_language(TEXTS["en"], "ja") == "en"
    assert speaks_another_language(TEXTS["zh"], "en") == "zh"
    assert speaks_another_language(TEXTS["en"], "en-GB") is None
    assert speaks_another_language(TEXTS["es"], "gl") is None
    assert speaks_another_language(TEXTS["zh"], "ja") is None
    assert speaks_another_language(TEXTS["en"], "xx") is None
    assert speaks_another_language(TEXTS["en"], "es", question=TEXTS["en"]) is None
