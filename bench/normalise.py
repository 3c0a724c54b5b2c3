"""Training rows to seeds, against the harness's own loop on the same rows: `python bench/normalise.py`.

Each measurement is a process of its own that is fed the same made-up rows. The harness's loop calls
`doc_to_text`, `doc_to_choice` and `doc_to_target` for every training document, nothing more; ours reads the
file, hashes each row and builds a seed. What is compared is the CPU time per row, opening excluded (CPU at N
rows minus CPU at N/10). Ratios hold within one run only.
"""

import argparse
import contextlib
import importlib.metadata
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

N = 20_000
WORDS = "A boat with a red sail crosses the wide bay before noon and carries salt to the islands. " * 3


def rows_of(task: str, count: int) -> list[dict]:
    """Made-up rows of about the length of the real ones, each different."""
    texts = [f"{number} {WORDS}" for number in range(count)]
    if task == "arc_easy":
        choices = {"text": ["a mast", "an oar", "a keel", "a rope"], "label": ["A", "B", "C", "D"]}
        return [
            {"id": t[:9], "question": t, "choices": choices, "answerKey": "BCDA"[len(t) % 4]} for t in texts
        ]
    if task == "gsm8k":
        return [{"question": t, "answer": f"{t}\n#### {n}"} for n, t in enumerate(texts)]
    if task == "boolq":
        return [{"question": t[:60], "passage": t * 2, "idx": n, "label": n % 2} for n, t in enumerate(texts)]
    if task == "webqs":
        return [{"url": "u", "question": t[:50], "answers": ["a boat", "a ship"]} for t in texts]
    endings = ["sails on.", "sinks at once.", "turns [title] into a bird.", "is painted."]
    shown = [
        {"activity_label": "Sailing", "ctx_a": t, "ctx_b": "the boat", "ctx": f"{t} the boat"} for t in texts
    ]
    return [{**row, "endings": endings, "label": str(n % 4)} for n, row in enumerate(shown)]


TASKS = ("arc_easy", "gsm8k", "boolq", "webqs", "hellaswag")


def cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def ours(task: str, hub: Path, count: int) -> float:
    from taskseed.tasks import load_catalogue, read_seeds

    entry, before, started = load_catalogue().entries[task], 0.0, count // 10
    for number, item in enumerate(read_seeds(entry, hub)):
        assert type(item).__name__ == "Seed", item
        if number == started:
            before = cpu()
    return (cpu() - before) / (count - started)


@contextlib.contextmanager
def unchanged_templates():
    """The peer is the harness as it is: taskseed lets it keep its compiled templates."""
    import lm_eval.utils

    plain = lm_eval.utils.env.from_string
    yield
    lm_eval.utils.env.from_string = plain


def harness(task: str, hub: Path, count: int) -> float:
    from taskseed.tasks import load_catalogue, open_split
    from taskseed.tasks.harness import open_task

    entry = load_catalogue().entries[task]
    rows = [row for batch in open_split(entry.source, "train", hub).batches() for row in batch]
    with unchanged_templates():
        own = open_task(entry, rows).task
    before, started = 0.0, count // 10
    choosing = entry.output_type == "multiple_choice"
    for number, doc in enumerate(own.training_docs()):
        own.doc_to_text(doc), own.doc_to_choice(doc) if choosing else None, own.doc_to_target(doc)
        if number == started:
            before = cpu()
    return (cpu() - before) / (count - started)


def write_rows(task: str, hub: Path, count: int) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from taskseed.tasks import load_catalogue

    entry = load_catalogue().entries[task]
    path = hub / entry.dataset_path / (entry.dataset_name or "default") / "train.parquet"
    path.parent.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(rows_of(task, count)), path, row_group_size=2000)


def one(driver: str, task: str, hub: Path, count: int) -> tuple[float, float]:
    """CPU seconds per row and the peak of the process's memory in MB."""
    command = [sys.executable, __file__, "--driver", driver, "--task", task, "--hub", str(hub)]
    return tuple(json.loads(subprocess.check_output([*command, "--rows", str(count)])))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--driver", choices=("ours", "harness"))
    parser.add_argument("--task")
    parser.add_argument("--hub", type=Path)
    parser.add_argument("--rows", type=int, default=N)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if options.driver:
        taken = globals()[options.driver](options.task, options.hub, options.rows)
        status = Path("/proc/self/status").read_text()  # ru_maxrss would count the parent's memory too
        print(json.dumps([taken, int(status.split("VmHWM:")[1].split()[0]) / 1024]))
        return
    report(options.rows, options.rounds)


def report(count: int, rounds: int) -> None:
    started = time.monotonic()
    versions = ", ".join(f"{p} {importlib.metadata.version(p)}" for p in ("lm_eval", "datasets", "pyarrow"))
    machine = f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()} {platform.release()}"
    print(f"{machine}, Python {platform.python_version()}, {versions}; {count:,} rows per task\n")
    print("| task | harness, rows/s | taskseed, rows/s | ratio, median (min–max) |\n|---|---|---|---|")
    slowest = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for task in TASKS:
            hub = Path(folder) / task
            write_rows(task, hub, count)
            pairs = [
                (one("harness", task, hub, count)[0], one("ours", task, hub, count)[0]) for _ in range(rounds)
            ]
            theirs, mine = (statistics.median(column) for column in zip(*pairs, strict=True))
            ratios = sorted(a / b for a, b in pairs)
            slowest = max(slowest, mine)
            told = f"{statistics.median(ratios):.1f} ({ratios[0]:.1f}–{ratios[-1]:.1f})"
            print(f"| {task} | {1 / theirs:,.0f} | {1 / mine:,.0f} | {told} |")
        minutes = slowest * 4.5e6 / 60
        print(f"\n4.5 million rows at the slowest of these rates on one core: {minutes:.0f} minutes.")
        for task in ("gsm8k", "hellaswag"):
            peaks = []
            for rows in (10_000, 200_000):
                hub = Path(folder) / f"{task}-{rows}"
                write_rows(task, hub, rows)
                peaks.append(f"{one('ours', task, hub, rows)[1]:.0f} MB at {rows:,} rows")
            print(f"Peak memory, {task}: {', '.join(peaks)}.")
    print(f"({time.monotonic() - started:.0f} s)")


if __name__ == "__main__":
    main()
