"""Where rows come from."""

import pickle
from pathlib import Path

import pytest

from taskseed.tasks import BadRow, DataSource, NotLoadable, open_split
from tests.tasks.helpers import write_rows

ROWS = [{"q": f"question {n}", "n": n} for n in range(5)]


def packaged(folder: Path, *, contained: bool = True, **files: str) -> DataSource:
    """Return a source whose files lie beside a task."""
    listed = tuple((split, (name,)) for split, name in files.items())
    return DataSource("json", None, listed, folder=folder, contained=contained)


@pytest.mark.parametrize("suffix", ["parquet", "jsonl"])
def test_a_mirrored_split_is_read_in_batches_and_in_order(tmp_path: Path, suffix: str) -> None:
    """Rows come in the file's order, a batch at a time, and their number is known at once."""
    write_rows(tmp_path / "a" / "b" / "default" / f"train.{suffix}", ROWS)
    reader = open_split(DataSource("a/b", None), "train", tmp_path)
    batches = list(reader.batches(2))
    assert [len(b) for b in batches] == [2, 2, 1]
    assert [row for batch in batches for row in batch] == ROWS
    assert reader.rows == 5


def test_a_config_is_a_folder(tmp_path: Path) -> None:
    """The config's name is the folder below the data set."""
    write_rows(tmp_path / "a" / "b" / "main" / "train.jsonl", ROWS)
    assert open_split(DataSource("a/b", "main"), "train", tmp_path).rows == 5


def test_an_alias_finds_the_mirrored_set(tmp_path: Path) -> None:
    """A set mirrored under one of its paths is found under the others."""
    write_rows(tmp_path / "facebook" / "xnli" / "de" / "test.jsonl", ROWS)
    assert open_split(DataSource("xnli", "de"), "test", tmp_path).rows == 5


def test_a_renamed_split_is_named_with_what_is_there(tmp_path: Path) -> None:
    """A split that the mirror lacks is not loadable; the message says where it looked and what is there."""
    write_rows(tmp_path / "a" / "b" / "default" / "training.jsonl", ROWS)
    with pytest.raises(NotLoadable) as caught:
        open_split(DataSource("a/b", None), "train", tmp_path)
    assert caught.value.reason == "load_failed"
    expected = f"no {tmp_path}/a/b/default/train.parquet or .jsonl; splits there: training"
    assert caught.value.message == expected


@pytest.mark.parametrize("path", ["../outside", "a/../../b", "/etc"])
def test_a_path_cannot_leave_the_mirror(tmp_path: Path, path: str) -> None:
    """A data set path with `..` or a leading slash is refused."""
    write_rows(tmp_path / "outside" / "default" / "train.jsonl", ROWS)
    with pytest.raises(NotLoadable):
        open_split(DataSource(path, None), "train", tmp_path / "hub")


def test_files_beside_a_task_need_no_hub(tmp_path: Path) -> None:
    """Packaged files are read from the YAML file's folder, whatever hub is given."""
    write_rows(tmp_path / "train.jsonl", ROWS)
    assert open_split(packaged(tmp_path, train="train.jsonl"), "train", None).rows == 5


def test_csv_and_json_lists_are_read(tmp_path: Path) -> None:
    """A CSV file and a JSON list give the same rows as JSON lines."""
    (tmp_path / "a.csv").write_text("q,n\nquestion 0,0\nquestion 1,1\n")
    (tmp_path / "a.json").write_text('[{"q": "question 0", "n": 0}, 3]')
    csv = open_split(packaged(tmp_path, train="a.csv"), "train", None)
    listed = open_split(packaged(tmp_path, train="a.json"), "train", None)
    assert list(csv.batches(1)) == [[ROWS[0]], [ROWS[1]]]
    assert next(listed.batches()) == [ROWS[0], BadRow("not an object with named fields", "3")]


def test_a_built_in_tasks_files_stay_in_its_folder(tmp_path: Path) -> None:
    """A built-in task cannot name a file outside its folder; a user's own task may."""
    write_rows(tmp_path / "up.jsonl", ROWS)
    folder = tmp_path / "task"
    folder.mkdir()
    with pytest.raises(NotLoadable):
        open_split(packaged(folder, train="../up.jsonl"), "train", None)
    assert open_split(packaged(folder, contained=False, train="../up.jsonl"), "train", None).rows == 5


def test_a_broken_line_keeps_its_place(tmp_path: Path) -> None:
    """A line that is not JSON is a bad row of its own; the rows around it keep their numbers."""
    (tmp_path / "train.jsonl").write_bytes(b'{"q": 1}\n{"q": \n\xff\xfe\n{"q": 4}\n')
    rows = next(open_split(packaged(tmp_path, train="train.jsonl"), "train", None).batches())
    assert [isinstance(row, BadRow) for row in rows] == [False, True, True, False]


def test_a_damaged_file_is_not_loadable(tmp_path: Path) -> None:
    """A file that is no Parquet is reported, not raised through."""
    path = tmp_path / "a" / "b" / "default" / "train.parquet"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"not parquet")
    with pytest.raises(NotLoadable) as caught:
        open_split(DataSource("a/b", None), "train", tmp_path)
    assert caught.value.reason == "load_failed"


def test_offline_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a mirror and with the Hub switched off, a set is offline."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(NotLoadable) as caught:
        open_split(DataSource("openai/gsm8k", "main"), "train", None)
    assert caught.value.reason == "offline"


def test_not_loadable_survives_pickling() -> None:
    """The error crosses process borders whole."""
    error = pickle.loads(pickle.dumps(NotLoadable("offline", "no network")))
    assert (error.reason, error.message, str(error)) == ("offline", "no network", "offline: no network")
