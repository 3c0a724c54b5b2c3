"""Words that change, join or measure the numbers beside them, in the languages that come up most. Data."""

__all__ = ["AND", "CHANGE_LAST", "CHANGE_NEXT", "SIZES"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words that change the number they stand before ("half of 20 + 4"), in the languages that come up most.
CHANGE_NEXT = _words(
    "x half third thirds quarter quarters double twice triple thrice quadruple minus plus times less "
    "more than of from by between sum difference product quotient ratio average mean sqrt root log ln sin "
    "cos tan exp min max gcd lcm mod abs floor ceil round not if per negative over mitad doble triple de del "
    "menos más por entre suma raíz moitié double du des la moins plus fois entre hälfte doppelte von mal "
    "weniger mehr zwischen metà metade dobro da do di dobbio половина от из на"
)
# Words that change the number they follow ("5 squared", "3 remainder 2", "4 million").
CHANGE_LAST = _words(
    "squared cubed factorial remainder r resto reste rest hundred thousand thousands million millions "
    "billion billions trillion k bn dozen dozens score pair pairs couple half halves quarter quarters third "
    "thirds times mod modulo base power percent plus minus or short off cubic root "
    "tens ones hundreds mil millón millones tausend million millionen mille и"
)
AND = _words("and y et und e plus")
# Units of one thing in several sizes: where two of them meet, the numbers alone say nothing.
SIZES = {
    name: kind
    for kind, names in {
        "time": "second minute hour day week month year decade century sec min hr h s ms quarter fortnight "
        "am pm segundo minuto hora día semana mes año seconde heure jour semaine mois an sekunde stunde tag "
        "woche monat jahr",
        "length": "mm cm m dm km inch inche in foot feet ft yard yd mile mi meter metre centimeter "
        "centimetre millimeter millimetre kilometer kilometre",
        "mass": "mg g kg gram kilogram milligram pound lb ounce oz ton tonne lbs",
        "volume": "ml l liter litre milliliter millilitre cup pint quart gallon tablespoon teaspoon cl dl",
        "money": "dollar cent penny pennie pence nickel dime euro buck $ € £ ¥ ₹",
        "count": "dozen pair couple score half whole",
        "data": "bit byte kb mb gb tb",
    }.items()
    for name in names.split()
}
