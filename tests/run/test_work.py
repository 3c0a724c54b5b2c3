"""How many completions are still to come: from what, and when nobody can say."""

from taskseed.run.work import BASIS, Work
from tests.run.helpers import model_recipe

RECIPE = model_recipe("http://127.0.0.1:9/v1")  # shards of 12 seeds, 3 to 6 votes


def times(call, number):
    """Say something so many times."""
    for _ in range(number):
        call()


def test_nothing_is_projected_before_there_is_a_basis() -> None:
    """Seeds must be written from, a shard screened and questions solved first."""
    work = Work(RECIPE, 60)
    times(work.wrote, 12)
    assert work.to_come({"writer": 24, "solver": 0}) is None
    work.finish("screen", 0, 20)
    times(work.solved, BASIS - 1)
    assert work.to_come({"writer": 24, "solver": 40}) is None
    work.solved()
    assert work.to_come({"writer": 24, "solver": 40}) is not None


def test_what_is_left_is_projected_from_what_was_needed_so_far() -> None:
    """12 of 60 seeds took 24 answers and gave 20 questions, whose half took 4 answers each."""
    work = Work(RECIPE, 60)
    times(work.wrote, 12)
    work.finish("screen", 0, 20)
    times(work.solved, 10)
    left = work.to_come({"writer": 24, "solver": 40})
    assert left == {"writer": 2.0 * 48, "solver": 4.0 * 100 - 40}


def test_votes_per_question_stay_within_the_recipe() -> None:
    """All questions of a shard are under way at once: the first to end say little of the votes needed."""
    work = Work(RECIPE, 12)
    times(work.wrote, 12)
    work.finish("screen", 0, 1000)
    times(work.solved, 10)
    assert work.to_come({"writer": 24, "solver": 2000}) == {"writer": 0.0, "solver": 6.0 * 1000 - 2000}
    assert work.to_come({"writer": 24, "solver": 10}) == {"writer": 0.0, "solver": 3.0 * 1000 - 10}


def test_a_voter_takes_every_other_vote() -> None:
    """What both have answered is the basis, and each is expected to answer half of what is left."""
    work = Work(model_recipe("http://127.0.0.1:9/v1", sets=("models.voter.model=other",)), 12)
    times(work.wrote, 12)
    work.finish("screen", 0, 20)
    times(work.solved, 10)
    left = work.to_come({"writer": 24, "solver": 20, "voter": 20})
    assert left == {"writer": 0.0, "solver": 20.0, "voter": 20.0}


def test_a_judge_needs_what_questions_needed_so_far() -> None:
    """Ten solved questions took 30 verdicts, so ten more take as many; before the first nothing is said."""
    work = Work(RECIPE, 12)
    times(work.wrote, 12)
    work.finish("screen", 0, 20)
    times(work.solved, 10)
    there = {"writer": 24, "solver": 40, "judge": 30}
    assert work.to_come(there) == {"writer": 0.0, "solver": 40.0, "judge": 30.0}
    assert work.to_come({**there, "judge": 0}) == {"writer": 0.0, "solver": 40.0}


def test_where_all_is_done_nothing_is_to_come() -> None:
    """The share of a finished run is whole."""
    work = Work(RECIPE, 12)
    times(work.wrote, 12)
    work.finish("screen", 0, 20)
    times(work.solved, 20)
    assert work.to_come({"writer": 24, "solver": 70}) == {"writer": 0.0, "solver": 0.0}


def test_a_goal_of_rows_needs_a_finished_shard() -> None:
    """With 10 rows from the first of five shards, 25 rows take three."""
    work = Work(RECIPE, 60, accept=25)
    times(work.wrote, 12)
    work.finish("screen", 0, 20)
    times(work.solved, 20)
    there = {"writer": 24, "solver": 80}
    assert work.to_come(there) is None
    work.finish("filter", 0, 10)
    assert work.to_come(there) == {"writer": 2.0 * 24, "solver": 4.0 * 40}
