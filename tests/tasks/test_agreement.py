"""Shapes of sets whose data is not at hand, held against the tasks' own templates and functions.

The rows are made up from the field names that a shape reads. The harness renders them with the task's own
code, which fails where a field has another name, and says which choice it takes for right.
"""

import copy
import itertools
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from taskseed.records import Seed
from taskseed.tasks import TaskEntry, load_catalogue, read_seeds
from taskseed.tasks.harness import open_task
from taskseed.tasks.normalise import shape_of
from taskseed.tasks.shapes import SHAPES
from tests.tasks.helpers import write_rows

Row = dict[str, Any]
PLACE = re.compile(r"\{([A-Za-z_][\w.]*)\}")
LETTERS = "ABCDE"

# Fields that a task's code reads beside those of the shape, or in another form.
HEADQA = {"answers": [{"aid": n, "atext": f"option {n}"} for n in range(1, 5)]}
MORE: dict[str, Row] = {
    "headqa_en": HEADQA,
    "headqa_es": HEADQA,
    "wic": {"start1": 0, "end1": 1, "start2": 0, "end2": 1},
    "wsc": {"span1_index": 0, "span2_index": 1},
    "fld_logical_formula_star": {"hypothesis_formula": "A", "context_formula": "B"},
}
# Packages or a network that a task's own file wants, so that it cannot be opened here.
CLOSED = {
    "cabreu_abstractive",
    "cabreu_extractive",
    "cabreu_extreme",
    "summarization_gl",
    "xlsum_es",
    "catalanqa",
    "teca",
    "coqa",
    "norquad_p0",
    "record",
    "squadv2",
    "tinyWinogrande",
}
# The words of the harness for each answer of ours, read by a person; the rest are the same words.
WORDS = {
    "rte": {"yes": "True", "no": "False"},
    "sglue_rte": {"yes": "True", "no": "False"},
    "wnli": {"yes": "True", "no": "False"},
    "wnli_es": {"sí": "Verdadero", "no": "Falso"},
    "wsc": {"yes": "yes", "no": "no"},
    "polemo2_in": {"neutralny": "0", "negatywny": "1", "pozytywny": "2", "niejednoznaczny": "3"},
    "indicxnli_gu": {"સાચું": "હા", "નક્કી થઈ શકતું નથી": "તેથી", "ખોટું": "ના"},
    "assin2_rte": {"não": "Não", "sim": "Sim"},
    "assin_entailment": {"não": "Também", "sim": "Sim"},
    "xnli_ar": {"صحيحة": "نعم", "لا يمكن الجزم بها": "لذا", "خاطئة": "رقم"},
    "xnli_bg": {"вярно": "да", "неустановимо": "така", "невярно": "не"},
    "xnli_de": {"wahr": "Ja", "nicht zu entscheiden": "Auch", "falsch": "Nein"},
    "xnli_el": {"αληθής": "Ναί", "δεν μπορεί να κριθεί": "Έτσι", "ψευδής": "όχι"},
    "xnli_en": {"true": "Yes", "impossible to tell": "Also", "false": "No"},
    "xnli_es": {"verdadera": "Sí", "imposible de decidir": "Asi que", "falsa": "No"},
    "xnli_fr": {"vraie": "Oui", "impossible à trancher": "Aussi", "fausse": "Non"},
    "xnli_hi": {"सही": "हाँ", "तय नहीं किया जा सकता": "इसलिए", "गलत": "नहीं"},
    "xnli_ru": {"верно": "Да", "неизвестно": "Так", "неверно": "Нет"},
    "xnli_sw": {"kweli": "Ndiyo", "haijulikani": "Hivyo", "si kweli": "Hapana"},
    "xnli_th": {"จริง": "ใช่", "สรุปไม่ได้": "ดังนั้น", "เท็จ": "ไม่"},
    "xnli_tr": {"doğru": "Evet", "belirsiz": "Böylece", "yanlış": "Hayır"},
    "xnli_ur": {"درست": "جی ہاں", "طے نہیں کیا جا سکتا": "اس لئے", "غلط": "نہیں"},
    "xnli_vi": {"đúng": "Vâng", "không thể kết luận": "Vì vậy", "sai": "Không"},
    "xnli_zh": {"对的": "是的", "无法判断": "所以", "错的": "不是的"},
    "xnli_eu": {"egia": "Bai", "erabakiezina": "Gainera", "gezurra": "Ez"},
    # label 1 is a right answer (SuperGLUE); the harness lists "yes" first and takes label 1 for "no"
    "multirc": {"yes": "no", "no": "yes"},
}
WORDS["polemo2_out"], WORDS["xnli_eu_mt"] = WORDS["polemo2_in"], WORDS["xnli_eu"]


def unseen() -> Iterator[tuple[TaskEntry, Mapping[str, Any]]]:
    """Yield one task of every set that no real row was read of, with its shape."""
    catalogue, done = load_catalogue(), set()
    for entry in catalogue.entries.values():
        spec = shape_of(entry)
        if catalogue.verdict(entry.name).verdict != "seed" or spec is None or spec.get("seen"):
            continue
        key = (
            entry.dataset_path,
            entry.dataset_name if "masakhane" not in str(entry.dataset_path) else "",
            repr(spec),
        )
        if (
            spec["shape"] in ("options", "fixed", "aliases", "pairs")
            and not spec.get("processed")
            and key not in done
        ):
            done.add(key)
            yield entry, spec


def names(spec: str) -> list[str]:
    """Return the fields that a text of a shape reads."""
    if spec.endswith("?") and "{" not in spec:
        return []
    return PLACE.findall(spec) if "{" in spec else [spec]


def put(row: Row, path: str, value: Any) -> None:
    """Write a field; `a.0` makes `a` a list."""
    *folders, last = path.split(".")
    for name in folders:
        row = row.setdefault(name, {})
    row[last] = value


def listed(value: Any) -> Any:
    """Return a row whose mappings of places are lists."""
    if not isinstance(value, dict):
        return value
    return [listed(value["0"])] if set(value) == {"0"} else {k: listed(v) for k, v in value.items()}


def made_up(spec: Mapping[str, Any]) -> list[Row]:
    """Return one row for every gold answer that a shape can read."""
    row: Row = {}
    for name in itertools.chain(*(names(spec[key]) for key in ("question", "context") if key in spec)):
        put(row, name, f"words for {name}")
    if spec["shape"] == "aliases":
        put(row, spec["answers"], "right" if spec["answers"].endswith(".0") else ["right", "as right"])
        if "answer" in spec:
            put(row, spec["answer"], "right")
        return [listed(row)]
    if spec["shape"] == "pairs":
        made = (
            {"target": "PER: Zola $$ LOC: New York"}
            if "listed" in spec
            else {"tokens": ["Go", "!"], "upos": [16, 1]}
        )
        return [{**row, **made}]
    if spec["shape"] == "fixed":
        labels = spec.get("labels", range(len(spec["answers"])))
        return [with_field(row, spec["label"], n[0] if isinstance(n, list) else n) for n in labels]
    named, fields = spec.get("labels"), spec["options"]
    count = len(fields) if isinstance(fields, list) else len(named) if isinstance(named, list) else 4
    texts = [f"option {n + 1}" for n in range(count)]
    for name, text in zip(fields, texts, strict=True) if isinstance(fields, list) else [(fields, texts)]:
        put(row, name, text)
    if isinstance(named, str):
        put(row, named, list(LETTERS[:count]))
    if "gold" in spec:
        return [listed(row)]
    first = spec.get("index_from", 0)
    golds = (
        named if isinstance(named, list) else list(LETTERS[:count]) if named else range(first, first + count)
    )
    return [with_field(row, spec["answer"], gold) for gold in golds]


def with_field(row: Row, path: str, value: Any) -> Row:
    """Return a copy of a row with one more field."""
    other = copy.deepcopy(row)
    put(other, path, value)
    return listed(other)


UNSEEN = list(unseen())


@pytest.mark.slow
@pytest.mark.parametrize(("entry", "spec"), UNSEEN, ids=[e.name for e, _ in UNSEEN])
def test_a_shape_takes_the_answer_that_the_tasks_own_code_takes(
    entry: TaskEntry, spec: Mapping[str, Any]
) -> None:
    """On rows that fit a shape's field names, the task's own templates run and point at the same answer."""
    if entry.name in CLOSED:
        pytest.skip("the task's own file wants a package or a network")
    rows = [{**row, **MORE.get(entry.name, {})} for row in made_up(spec)]
    task = open_task(entry, rows)
    for row, document in zip(rows, task.documents(rows), strict=True):
        ours = SHAPES[spec["shape"]](row, spec)
        shown = task.render(document, with_choices=entry.output_type == "multiple_choice")
        theirs = shown.target
        if isinstance(shown.choices, list) and isinstance(theirs, int):
            theirs = shown.choices[theirs]
        if spec["shape"] == "options":
            letter = LETTERS[ours.answer_index or 0]
            assert str(theirs).strip() in (ours.answer, letter) or entry.name == "ethics_utilitarianism"
        elif spec["shape"] == "aliases":
            assert ours.answer in str(theirs)
        elif spec["shape"] == "pairs":
            pairs = json.loads(ours.answer)
            joined = " $$ ".join(f"{label}: {name}" for label, name in pairs)
            assert theirs in (joined, [tag for _, tag in pairs])
        else:
            word = WORDS.get(entry.name, {}).get(ours.answer, ours.answer)
            assert str(theirs).strip().casefold() == word.casefold() or has_word(str(theirs), word)
    assert {SHAPES[spec["shape"]](row, spec).question for row in rows} != {""}


def has_word(sentence: str, word: str) -> bool:
    """Return whether a whole-sentence choice ("premise, right? Yes, hypothesis") gives the verdict."""
    return re.search(rf"\? {re.escape(word)}(, |$)", sentence) is not None


SWAG = {
    "activity_label": "Cooking",
    "ctx": "A man cuts an onion. he",
    "ctx_a": "A man cuts an onion.",
    "ctx_b": "he",
}
ENDINGS = {"endings": ["fries it.", "paints it.", "reads it.", "sings."], "label": "0"}
COPA = {
    "premise": "The cup fell.",
    "choice1": "It broke.",
    "choice2": "It flew.",
    "question": "effect",
    "label": 0,
}
PAIR = {"id": 1, "sentence1": "One is here.", "sentence2": "The other is there.", "label": 1}
ARABIC = {
    "id": "arabic-1",
    "title": "t",
    "context": "ctx",
    "question": "why?",
    "answers": {"text": ["ctx"], "answer_start": [0]},
}
HOTEL = {"text": "Che bello!", "opos": "1", "oneg": "0"}
MATH = {"Problem": "1 + 1 ?", "options": "a ) 12 , b ) 2 , c ) 3 , d ) 4 , e ) 5", "correct": "b"}
DROP = {
    "query_id": "q",
    "passage": "Two goals, then three.",
    "question": "How many goals?",
    "answer": {"number": "5", "date": {"day": "", "month": "", "year": ""}, "spans": []},
    "validated_answers": {"number": [], "date": [], "spans": []},
}


@pytest.mark.parametrize(
    ("name", "row", "kind", "answer"),
    [
        ("hellaswag", {**SWAG, **ENDINGS}, "multiple_choice", "fries it."),
        ("darijahellaswag", {**SWAG, **ENDINGS, "label": 3}, "multiple_choice", "sings."),
        ("egyhellaswag", {**SWAG, **ENDINGS, "label": 1}, "multiple_choice", "paints it."),
        ("copa", COPA, "multiple_choice", "it broke."),
        ("mathqa", MATH, "multiple_choice", "2"),
        ("catcola", {"Sentence": "Plou.", "Label": 1}, "multiple_choice", "sí"),
        ("escola", {"Sentence": "Llueve.", "Label": 0}, "multiple_choice", "no"),
        ("galcola", {"sentence": "Chove.", "label": 1}, "multiple_choice", "si"),
        ("wnli_ca", {**PAIR, "label": 0}, "multiple_choice", "Fals"),
        ("kobest_boolq", {"paragraph": "p", "question": "q", "label": 1}, "multiple_choice", "예"),
        ("mela_en", {"sentence": "It rains.", "label": 1}, "multiple_choice", "Acceptable"),
        ("evalita-mp_sa_prompt-1", HOTEL, "multiple_choice", "Positivo"),
        ("paws_ko", {**PAIR, "label": 0}, "boolean", "아니요"),
        ("tydiqa_goldp_ar", ARABIC, "span", "ctx"),
        ("drop", DROP, "short_answer", "5"),
        (
            "arc_ar",
            {
                "id": "1",
                "instruction": "q",
                **{f"option_{c}": f"{c} text" for c in "abcd"},
                "option_e": None,
                "answer": "C",
            },
            *("multiple_choice", "c text"),
        ),
    ],
)
def test_rows_of_templated_sets_are_read_through_their_tasks(
    tmp_path: Path, name: str, row: Row, kind: str, answer: str
) -> None:
    """Sets that are read through their task's own code give the answer that the row's label stands for."""
    entry = load_catalogue().entries[name]
    place = tmp_path / (entry.dataset_path or "") / (entry.dataset_name or "default")
    write_rows(place / f"{entry.training_split}.jsonl", [row])
    (seed,) = read_seeds(entry, tmp_path)
    assert isinstance(seed, Seed), seed
    assert (seed.kind, seed.answer) == (kind, answer)
    assert seed.answer_index is None or seed.options[seed.answer_index] == answer


def test_an_answer_of_several_parts_is_dropped_as_that(tmp_path: Path) -> None:
    """DROP's answers that are several spans give no seed: nothing here checks lists."""
    several = {**DROP["answer"], "number": "", "spans": ["two", "three"]}
    write_rows(tmp_path / "EleutherAI" / "drop" / "default" / "train.jsonl", [{**DROP, "answer": several}])
    (dropped,) = read_seeds(load_catalogue().entries["drop"], tmp_path)
    assert getattr(dropped, "reason", None) == "several_answers"
