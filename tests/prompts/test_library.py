"""Prompt blocks: shipped, overridden, strict, hashed."""

import pickle
from pathlib import Path

import pytest

from taskseed.errors import UsageError
from taskseed.prompts import load_prompts
from taskseed.prompts.library import BLOCKS, LISTS


def write(folder: Path, name: str, text: str) -> Path:
    """Write one block into a user's folder and return the folder."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return folder


def test_the_shipped_folder_holds_the_listed_blocks_and_no_other() -> None:
    """Every shipped file is a listed block or list, and every one that is listed is shipped."""
    import taskseed.prompts.library as library

    root = Path(library.__file__).parent / "text"
    files = sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file())
    assert files == sorted((*BLOCKS, *LISTS))
    assert sorted(load_prompts().texts) == files


def test_a_folder_replaces_only_the_blocks_it_holds(tmp_path: Path) -> None:
    """A user's file replaces the shipped block of its name; the others stay as shipped."""
    mine = load_prompts(write(tmp_path, "solve/style/direct.md", "Be brief.\n"))
    shipped = load_prompts()
    assert mine.render("solve/style/direct.md") == "Be brief."
    assert {n for n in BLOCKS if mine.texts[n] != shipped.texts[n]} == {"solve/style/direct.md"}


def test_a_list_of_the_users_own_takes_the_shipped_ones_place(tmp_path: Path) -> None:
    """Entries are its lines, without headings and blank lines, and no template: braces stay."""
    mine = load_prompts(write(tmp_path, "axes/science.txt", "# Mine\n\n tides \n{{ moon }}\n"))
    assert mine.entries("axes/science.txt") == ("tides", "{{ moon }}")
    assert mine.entries("axes/code.txt") == load_prompts().entries("axes/code.txt")


def test_hidden_files_in_the_folder_are_no_blocks(tmp_path: Path) -> None:
    """A file whose path has a part that starts with a full stop is passed over."""
    assert load_prompts(write(tmp_path, ".git/config", "{{")).texts == load_prompts().texts


@pytest.mark.parametrize(
    ("name", "text", "message", "hint"),
    [
        (
            "solve/style/reasons.md",
            "x",
            "solve/style/reasons.md is not a prompt block",
            "solve/style/reasoning.md",
        ),
        ("solve/intro.txt", "x", "solve/intro.txt is not a prompt block", "solve/intro.md"),
        ("solve/intro.md", "{{ qestion }}", "solve/intro.md needs the variable qestion", "no variables"),
        (
            "generate/seed.md",
            "{{ seed }}",
            "generate/seed.md does not use the variable language",
            "language, seed",
        ),
        ("solve/contract/boolean.md", "x", "does not use the variable answers", "it must use each"),
        ("solve/intro.md", "{% if %}", "solve/intro.md line 1", "mend the Jinja template"),
        ("solve/intro.md", "a\n\n{{ 1 | nosuch }}", "solve/intro.md line 3", "mend the Jinja template"),
        ("solve/intro.md", "{% include 'x.md' %}", "includes another template", "into the block itself"),
        ("solve/intro.md", "{{ range(3) }}", "needs the variable range", "no variables"),
        ("axes/sience.txt", "tides\n", "axes/sience.txt is not a prompt block", "axes/science.txt"),
        ("axes/science.txt", "# only a heading\n\n", "axes/science.txt lists nothing", "one entry a line"),
        ("axes/science.txt", "tides\nmoon\nTides\n", "axes/science.txt lists Tides twice", "name it once"),
        ("axes/science.txt", "tide " * 41, "axes/science.txt: tide", "200 characters"),
    ],
)
def test_a_faulty_block_is_refused_before_anything_is_asked(
    tmp_path: Path, name: str, text: str, message: str, hint: str
) -> None:
    """Unknown files, unknown or unused variables and broken templates are usage errors that name them."""
    with pytest.raises(UsageError) as caught:
        load_prompts(write(tmp_path, name, text))
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_a_missing_folder_and_a_file_that_is_no_text_are_refused(tmp_path: Path) -> None:
    """A folder that is not there and a block that is not UTF-8 are usage errors."""
    with pytest.raises(UsageError, match="no folder"):
        load_prompts(tmp_path / "nowhere")
    (tmp_path / "solve").mkdir()
    (tmp_path / "solve/intro.md").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(UsageError, match=r"cannot read solve/intro\.md"):
        load_prompts(tmp_path)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"seed": "x"}, "generate/seed.md needs the variable language"),
        ({"seed": "x", "language": "en", "domain": "y"}, "generate/seed.md does not use the variable domain"),
    ],
)
def test_rendering_takes_exactly_the_variables_of_the_block(values: dict[str, str], message: str) -> None:
    """A missing and a superfluous value are errors that name file and variable."""
    with pytest.raises(UsageError, match=message):
        load_prompts().render("generate/seed.md", **values)


@pytest.mark.parametrize(
    "text", ["{{ kind.nosuch }}", "{{ kind + 1 }}", "{{ 1 // (kind | length - 4) }}", "{{ kind.__class__ }}"]
)
def test_a_block_that_fails_while_rendering_is_a_usage_error(tmp_path: Path, text: str) -> None:
    """Faults that show only with values, and attempts to leave the sandbox, name the file."""
    prompts = load_prompts(write(tmp_path, "solve/contract/number.md", text))
    with pytest.raises(UsageError, match=r"solve/contract/number\.md"):
        prompts.render("solve/contract/number.md", kind="zero")


def test_values_are_inserted_and_never_rendered() -> None:
    """Template marks in a value reach the prompt as they are."""
    hostile = "{{ 7 * 7 }}{% include 'x' %}{# gone #}"
    assert hostile in load_prompts().render("generate/seed.md", seed=hostile, language="en")


def test_the_hash_is_over_names_and_texts_of_the_blocks(tmp_path: Path) -> None:
    """The hash changes with a block's text and with the blocks used, and not with other blocks."""
    shipped, mine = load_prompts(), load_prompts(write(tmp_path, "solve/intro.md", "Answer."))
    names = ["solve/intro.md", "solve/style/direct.md"]
    assert len(shipped.hash(names)) == 16
    assert shipped.hash(names) == load_prompts().hash(names)
    assert shipped.hash(names) != mine.hash(names)
    assert shipped.hash(names) != shipped.hash(names[:1])
    assert shipped.hash(names[1:]) == mine.hash(names[1:])


def test_a_prompt_set_can_be_sent_to_another_process() -> None:
    """A prompt set pickles and stays equal."""
    prompts = load_prompts()
    assert pickle.loads(pickle.dumps(prompts)) == prompts
