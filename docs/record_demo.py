"""Record the demo anew, through the product's own batch files: `make record-demo`, once per round.

Each call goes as far as it can without a model, then writes the requests that wait to `requests.jsonl` and
says so. Have every line answered on its own by one model, put the answers beside it as `responses.jsonl`
(the form of OpenAI's Batch API, see docs/batch.md), and call again. The lines name the model `recorded-llm`, and so
does the data: whatever answers has to take that name for its own. A round of questions is followed
by a round of first solves, by two rounds in which open answers are compared, and by small rounds for votes that are not decided. The
recipe is the recorded one: to record with other axes or another number of questions, change it there first. Once nothing waits, the recording
in `src/taskseed/cli/recorded/` is replaced by the new one.
"""

import shutil
from pathlib import Path

from taskseed.cli.demo import RECORDED
from taskseed.errors import WaitingForBatch
from taskseed.prompts.library import SHIPPED
from taskseed.recipe import load_recipe
from taskseed.run.batch import export_batch, import_batch
from taskseed.run.events import unwatched
from taskseed.run.local import RunOptions, run_local

FOLDER = Path("runs/record-demo")
REQUESTS, RESPONSES = FOLDER / "requests.jsonl", FOLDER / "responses.jsonl"


def main() -> None:
    """Go one round further."""
    prompts = FOLDER / "prompts"
    if not prompts.exists():  # a new recording is made with the prompts of today, and keeps them
        shutil.copytree(SHIPPED, prompts)
    sets = ["responses.on_miss=queue", f"prompts={prompts}", "responses.store=null"]
    recipe, run = load_recipe(RECORDED / "recipe.yaml", sets), FOLDER / "run"
    if RESPONSES.exists():
        done = import_batch(recipe, run, [RESPONSES], unwatched)
        print(f"{done.stored} responses stored, {done.left} requests without one, {done.bad} lines not taken")
        for file in (REQUESTS, RESPONSES):
            file.unlink()
    try:
        run_local(recipe, run, RunOptions(), unwatched)
    except WaitingForBatch:
        REQUESTS.unlink(missing_ok=True)
        (written,) = export_batch(recipe, run, REQUESTS, 50_000)
        print(f"{written.requests} requests in {REQUESTS}: have each answered, write {RESPONSES}, call again")
        return
    shutil.rmtree(RECORDED / "prompts")
    shutil.copytree(prompts, RECORDED / "prompts")
    shutil.rmtree(RECORDED / "responses", ignore_errors=True)
    (RECORDED / "responses").mkdir()
    segments = sorted((run / "responses").glob("*.seg"))
    (RECORDED / "responses" / "recorded.seg").write_bytes(b"".join(s.read_bytes() for s in segments))
    print(f"recorded anew: {RECORDED}; now run `make docs` and read docs/first-run.md")


if __name__ == "__main__":
    main()
