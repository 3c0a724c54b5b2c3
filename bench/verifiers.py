"""Are answers compared as a careful marker would? `python bench/verifiers.py`

`bench/pairs/<kind>.jsonl` holds answers and golds, labelled equal, different or unknown by authors who saw no
code. Nothing was mended against them (that is what `tests/checks/pairs` is for), so the figures say what to
expect of new pairs. With the extra `maths`, expressions are compared with math-verify too.
"""

import argparse
import json
import sys
from collections import Counter
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.measure import table

from taskseed.checks.answers import Rules, same_answer
from taskseed.run.maths import maths_version, open_maths

COLUMNS = ("kind", "equal", "found", "different", "unknown", "wrongly equal")


def rules_from(given: dict[str, object]) -> Rules:
    """Return rules from their JSON."""
    return Rules(**{k: tuple(v) if isinstance(v, list) else v for k, v in given.items()})  # type: ignore[arg-type]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=Path, default=Path(__file__).parent / "pairs", help="folder of pairs")
    parser.add_argument("--show", action="store_true", help="print what is missed and what is wrongly equal")
    options = parser.parse_args()
    rows, amiss = [], []
    with ExitStack() as stack:
        hard = open_maths(stack)
        for file in sorted(options.pairs.glob("*.jsonl")):
            labels, found, wrong = Counter[str](), 0, 0
            for line in file.read_text(encoding="utf-8").splitlines():
                said, gold, label, *given = json.loads(line)
                rules = replace(rules_from(given[0] if given else {}), hard=hard)
                equal = same_answer(file.stem, said, gold, rules) == "equal"
                labels[label] += 1
                found += equal and label == "equal"
                wrong += equal and label != "equal"
                if equal != (label == "equal"):
                    amiss.append(f"{file.stem}: {'equal' if equal else 'missed'}, labelled {label}: {line}")
            share = f"{found / labels['equal']:.1%}"
            rows.append([file.stem, labels["equal"], share, labels["different"], labels["unknown"], wrong])
    print(f"{maths_version() or 'without math-verify'}\n")
    print(table(COLUMNS, [[str(cell) for cell in row] for row in rows]))
    if options.show:
        print("\n" + "\n".join(amiss))


if __name__ == "__main__":
    main()
