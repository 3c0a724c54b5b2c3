"""The engine that needs no server: llama.cpp with a GGUF file, started and stopped by the run itself.

A child of this process runs the HTTP server of `xllamacpp` (imported here alone) on a free port of this
machine, and `OpenAIEngine` asks it. It is a process of its own because of what was measured with xllamacpp
2026.10.11549: loading a model holds the interpreter's lock, and a server that is dropped while it answers
never returns. The child ends when its standard input does, so it does not outlive a killed parent.
"""

import asyncio
import json
import os
import re
import secrets
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

from taskseed.errors import EndpointError, UsageError
from taskseed.models.base import Completion, Engine, EngineFailure, Prompt
from taskseed.models.openai import Endpoint, OpenAIEngine
from taskseed.recipe import LlamacppOptions

__all__ = ["ModelFile", "Tell", "fetch_model", "find_model", "open_llamacpp"]

_HUB_ID = re.compile(r"(?P<repo>[A-Za-z0-9][\w.-]*/[\w.-]+)(?::(?P<file>[^:]+))?")
_PART = re.compile(r"-00001-of-(\d{5})\.gguf$", re.IGNORECASE)
_LATER_PART = re.compile(r"-(?!00001)\d{5}-of-\d{5}\.gguf$", re.IGNORECASE)
_ERROR_LINE = re.compile(rb"^\S+ E (.+)$", re.MULTILINE)
_HUB_SECONDS = 30.0
_ERRORS_ONLY = 1  # of llama.cpp's levels of logging

Tell = Callable[[str, int, int], None]
"""What is going on, how much of it is done and of how much: here a file's name and bytes."""


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model as one GGUF file, or as the parts that llama.cpp reads like one.

    :param name: the first file's name.
    :param paths: where its files are on this machine, the first part first; empty while they have to be
        downloaded.
    :param size: bytes of all files.
    :param repo: the Hub's repository, where it is there.
    :param files: its files in the repository.
    """

    name: str
    paths: tuple[Path, ...]
    size: int
    repo: str = ""
    files: tuple[str, ...] = ()


def find_model(model: str) -> ModelFile:
    """Return the files of a model; asks the Hub only for what is not on this machine, and loads nothing.

    :param model: the path of a GGUF file, or a Hub id: `org/repo` where it holds one GGUF model, else
        `org/repo:file.gguf`, or `org/repo:WORD` where one file's name holds the word.
    :raises UsageError: if `xllamacpp` is not installed, or there is no such model.
    :raises EndpointError: if the Hub cannot be asked.
    """
    if find_spec("xllamacpp") is None:
        raise UsageError(
            "`engine: llamacpp` needs the package `xllamacpp`", "pip install 'taskseed[llamacpp]'"
        )
    path = Path(model).expanduser()
    if path.is_file():
        paths = tuple(path.with_name(name) for name in _parts(path.name))
        _see_gguf(paths)
        return ModelFile(path.name, paths, sum(p.stat().st_size for p in paths))
    named = _HUB_ID.fullmatch(model)
    if named is None or path.exists() or (named["file"] is None and model.lower().endswith(".gguf")):
        raise UsageError(
            f"there is no model file `{model}`",
            "name a GGUF file, or a model of the Hugging Face Hub like org/repo:file.gguf",
        )
    return _cached(named["repo"], named["file"] or "") or _on_hub(named["repo"], named["file"] or "")


def fetch_model(found: ModelFile, tell: Tell) -> Path:
    """Return the path of a model's first file; what is not on this machine is downloaded first.

    A download that was interrupted goes on where it stopped.

    :raises EndpointError: if the Hub does not give a file.
    """
    if found.paths:
        return found.paths[0]
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HTTPError  # type: ignore[attr-defined]  # the base of its client's errors

    try:
        paths = [
            hf_hub_download(
                found.repo,
                name,
                cache_dir=os.environ.get("HF_HUB_CACHE"),
                endpoint=os.environ.get("HF_ENDPOINT"),
                tqdm_class=_telling(tell, name),
            )
            for name in found.files
        ]
    except (HTTPError, OSError, ValueError) as problem:
        raise _hub_failed(found.repo, problem) from problem
    return Path(paths[0])


@asynccontextmanager
async def open_llamacpp(
    model: str, options: LlamacppOptions, slots: int, *, seconds: float, tell: Tell
) -> AsyncIterator[Engine]:
    """Give an engine for a model for as long as the block runs.

    :param model: see `find_model`.
    :param slots: requests that are answered at once; each takes the memory of its own context.
    :param seconds: the most that one request may take.
    :param tell: hears of a download's progress, in another thread.
    :raises UsageError: see `find_model`.
    :raises EndpointError: if the Hub cannot be asked, or llama.cpp cannot load the model.
    """
    found = await asyncio.to_thread(find_model, model)
    path = await asyncio.to_thread(fetch_model, found, tell)
    key = secrets.token_urlsafe(24)  # other users and web pages of this machine can reach the port too
    told = {"path": str(path), "slots": slots, "key": key, **options.model_dump()}
    with tempfile.TemporaryFile() as log:
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", __name__),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            start_new_session=True,  # Ctrl-C is for the run, which lets the requests in flight come back
        )
        try:
            address = await _address(child, told, found.name, log)
            async with OpenAIEngine(Endpoint(address, api_key=key, timeout=seconds)) as engine:
                yield _Served(engine, child, found.name)
        finally:
            if child.returncode is None:
                child.kill()
            await child.wait()


class _Served:
    """One sample per request; an ended child ends the run.

    Asked for several choices, llama.cpp reports the tokens of one of them (measured with xllamacpp
    2026.10.11549), so that a run's counts would be too low.
    """

    def __init__(self, engine: OpenAIEngine, child: asyncio.subprocess.Process, name: str) -> None:
        self._engine = engine
        self._child = child
        self._name = name

    async def complete(self, prompt: Prompt, n: int) -> Sequence[Completion]:
        """Return one completion.

        :raises EngineFailure: as `OpenAIEngine` does.
        :raises EndpointError: if llama.cpp has ended.
        """
        try:
            return await self._engine.complete(prompt, 1)
        except EngineFailure:
            if self._child.returncode is None:
                raise
            raise EndpointError(
                f"llama.cpp ended while it served {self._name} ({_ending(self._child.returncode)})",
                "give it less to hold (options.context, concurrency), then run the same command again",
            ) from None


async def _address(child: asyncio.subprocess.Process, told: dict[str, Any], name: str, log: IO[bytes]) -> str:
    """Tell the child what to serve; return its base URL once the model is loaded."""
    assert child.stdin is not None and child.stdout is not None  # noqa: S101, PT018 -- both are pipes
    child.stdin.write(json.dumps(told).encode() + b"\n")
    async for line in child.stdout:
        if line.startswith(b"http://"):
            return line.decode().strip()
    code = await child.wait()
    log.seek(0)
    said = log.read()
    first = _ERROR_LINE.search(said)
    why = (first[1] if first else said.strip().rpartition(b"\n")[2]).decode("utf-8", "replace")
    raise EndpointError(
        f"llama.cpp cannot load {name}: {why or _ending(code)}",
        "look at the file, at options.context and at the memory: taskseed doctor RECIPE shows them",
    )


def _ending(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def _parts(name: str) -> list[str]:
    """Return the names of all parts of a model, given its first; most models have one."""
    first = _PART.search(name)
    if first is None:
        return [name]
    stem = name[: first.start()]
    return [f"{stem}-{i:05}-of-{first[1]}{name[-5:]}" for i in range(1, int(first[1]) + 1)]


def _see_gguf(paths: Sequence[Path]) -> None:
    for path in paths:
        try:
            with path.open("rb") as file:
                is_gguf = file.read(4) == b"GGUF"
        except OSError as problem:
            raise UsageError(
                f"cannot read the model file `{path}`: {problem.strerror}",
                "see that it is there and readable",
            ) from None
        if not is_gguf:
            raise UsageError(
                f"`{path}` is not a GGUF file", "llama.cpp reads models in the GGUF format alone"
            )


def _cached(repo: str, file: str) -> ModelFile | None:
    """Return a model that was downloaded before; only a file's whole name can be looked up."""
    if not file:
        return None
    from huggingface_hub import try_to_load_from_cache

    files = _parts(file)
    where = [try_to_load_from_cache(repo, name, cache_dir=os.environ.get("HF_HUB_CACHE")) for name in files]
    paths = tuple(Path(found) for found in where if isinstance(found, str))
    if len(paths) < len(files):
        return None
    return ModelFile(paths[0].name, paths, sum(p.stat().st_size for p in paths), repo, tuple(files))


def _on_hub(repo: str, wanted: str) -> ModelFile:
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HTTPError  # type: ignore[attr-defined]  # the base of its client's errors

    try:
        api = HfApi(endpoint=os.environ.get("HF_ENDPOINT"))
        listed = api.model_info(repo, files_metadata=True, timeout=_HUB_SECONDS).siblings or []
    except (HTTPError, OSError, ValueError) as problem:
        raise _hub_failed(repo, problem) from problem
    sizes = {file.rfilename: file.size or 0 for file in listed}
    files = _parts(_chosen(repo, wanted, sizes))
    return ModelFile(Path(files[0]).name, (), sum(sizes.get(name, 0) for name in files), repo, tuple(files))


def _chosen(repo: str, wanted: str, files: Sequence[str] | dict[str, int]) -> str:
    """Return the one GGUF model that is meant, by the name of its first file."""
    models = [f for f in files if f.lower().endswith(".gguf") and not _LATER_PART.search(f)]
    models = [f for f in models if not Path(f).name.startswith("mmproj")]  # the eyes of a model, not a model
    matching = [f for f in models if f == wanted] or [f for f in models if wanted.lower() in f.lower()]
    if len(matching) == 1:
        return matching[0]
    what = f"`{repo}` holds {len(matching) or 'no'} GGUF models" + (
        f" named like `{wanted}`" if wanted else ""
    )
    shown = ", ".join(sorted(matching or models)[:6])
    raise UsageError(
        what, f"name one, like {repo}:FILE: {shown}" if shown else "name a repository of GGUF files"
    )


def _hub_failed(repo: str, problem: Exception) -> EndpointError:
    said = " ".join(str(problem).split())[:300]
    return EndpointError(
        f"the Hugging Face Hub does not give `{repo}`: {said}",
        "name a GGUF file on this machine, or org/repo:file.gguf if it was downloaded before",
    )


def _telling(tell: Tell, name: str) -> Any:
    """Return a progress bar class for `huggingface_hub` that shows nothing and tells instead."""
    from tqdm import tqdm

    class Telling(tqdm):  # type: ignore[misc]  # it has no types
        """Counts, and tells."""

        def display(self, *_: object, **__: object) -> None:
            """Show nothing."""

        def update(self, n: float | None = 1) -> None:
            """Count some bytes."""
            self.n += n or 0
            tell(name, int(self.n), int(self.total or 0))

    return Telling


def _serve() -> None:
    """Serve what one line of standard input says, until standard input ends."""
    import xllamacpp

    told = json.loads(sys.stdin.readline())
    params = xllamacpp.CommonParams()
    params.model.path = told["path"]
    params.n_ctx = told["context"] * told["slots"]
    params.n_parallel = told["slots"]
    if told["gpu_layers"] is not None:
        params.n_gpu_layers = told["gpu_layers"]
    if told["threads"] is not None:
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = told["threads"]
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [told["key"]]
    params.ui = params.endpoint_slots = False
    params.cache_ram_mib = 0  # by default 8 GB of memory for prompts that come again; a run's do not
    params.verbosity = _ERRORS_ONLY
    server = xllamacpp.Server(params)
    sys.stdout.write(f"{server.listening_address.rstrip('/')}/v1\n")
    sys.stdout.flush()
    sys.stdin.read()
    os._exit(0)  # dropping the server while it answers never returns


if __name__ == "__main__":
    _serve()
