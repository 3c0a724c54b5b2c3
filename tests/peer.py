"""A real model server for tests: llama.cpp's own HTTP server with a small model of random weights.

It answers with reproducible nonsense from ASCII characters and common words. What makes it useful
is that its HTTP, JSON, errors, token counts and limits are those of a real server.
`python tests/peer.py MODEL.gguf` makes the model if it is not there, serves it and prints the base
URL.
"""

import argparse
import math
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

__all__ = ["CONTEXT_TOKENS", "Peer", "make_model", "start"]

CONTEXT_TOKENS = 8192
"""Tokens of prompt and answer together that a request may have."""

_TEXT = (
    "the of and to in is that it was for on are as with his they be at one have this from or had by "
    "hot word but what some we can out other were all there when up use your how said an each she "
    "which do their time if will way about many then them write would like so these her long make "
    "thing see him two has look more day could go come did number sound no most people my over"
)
WORDS = tuple(_TEXT.split())
TEMPLATE = (
    "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant: {% endif %}"
)
Weights = np.ndarray[tuple[int, ...], np.dtype[np.float32]]
WIDTH, LAYERS, HEADS, HIDDEN = 64, 2, 4, 128


@dataclass(frozen=True, slots=True)
class Peer:
    """A running server."""

    base_url: str
    process: subprocess.Popen[str]

    def close(self) -> None:
        """Stop the server."""
        self.process.kill()
        self.process.communicate()


def start(folder: Path) -> Peer:
    """Start a server in its own process; its model is made in the folder."""
    command = [sys.executable, str(Path(__file__).resolve()), str(folder / "random.gguf")]
    with (folder / "peer.log").open("w") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("http://"):
            return Peer(line.strip(), process)
    raise RuntimeError(f"the server did not start: {(folder / 'peer.log').read_text()[-2000:]}")


def make_model(path: Path) -> None:
    """Write a llama model of random weights, about 560 KB, the same every time."""
    import gguf

    writer = gguf.GGUFWriter(path, "llama")
    # Bytes are there so that any prompt can be read, but are never written (see `_mute`): text of
    # random bytes is invalid UTF-8, which the server itself rejects.
    raw = [f"<0x{byte:02X}>" for byte in range(256)]
    written = ["▁", *map(chr, range(33, 127)), *(f"▁{word}" for word in WORDS)]
    tokens = ["<unk>", "<s>", "</s>", *raw, *written]
    kind = gguf.TokenType
    types = [kind.UNKNOWN, kind.CONTROL, kind.CONTROL]
    types += [kind.BYTE] * len(raw) + [kind.NORMAL] * len(written)
    writer.add_context_length(CONTEXT_TOKENS)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(HIDDEN)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([-float(i) for i in range(len(tokens))])
    writer.add_token_types(types)
    writer.add_unk_token_id(0)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_chat_template(TEMPLATE)
    muted = [i for i, token in enumerate(tokens) if token in raw and token != "<0x0A>"]
    for name, shape in _shapes(len(tokens)).items():
        writer.add_tensor(f"{name}.weight", _mute(name, _weights(name, shape), muted))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _shapes(vocabulary: int) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {"token_embd": (vocabulary, WIDTH), "output_norm": (WIDTH,)}
    shapes["output"] = (vocabulary, WIDTH)
    for layer in range(LAYERS):
        shapes |= {f"blk.{layer}.{name}": (WIDTH,) for name in ("attn_norm", "ffn_norm")}
        shapes |= {
            f"blk.{layer}.{name}": (WIDTH, WIDTH) for name in ("attn_q", "attn_k", "attn_v", "attn_output")
        }
        shapes |= {f"blk.{layer}.{name}": (HIDDEN, WIDTH) for name in ("ffn_gate", "ffn_up")}
        shapes[f"blk.{layer}.ffn_down"] = (WIDTH, HIDDEN)
    return shapes


def _weights(name: str, shape: tuple[int, ...]) -> Weights:
    if name.endswith("_norm"):
        return np.ones(shape, dtype=np.float32)
    rng = np.random.default_rng([ord(c) for c in name])
    return (rng.standard_normal(shape) / math.sqrt(shape[-1])).astype(np.float32)


def _mute(name: str, weights: Weights, muted: Sequence[int]) -> Weights:
    """Keep the hidden state's first channel constant, and let it speak against the muted tokens."""
    if name == "token_embd":
        weights[:, 0] = 4.0
    elif name == "output":
        weights[:, 0] = 0.0
        weights[muted, 0] = -30.0
    elif name.endswith(("attn_output", "ffn_down")):
        weights[0, :] = 0.0
    elif not name.endswith("_norm"):
        weights[:, 0] = 0.0
    return weights


def main(argv: Sequence[str] | None = None) -> None:
    """Serve the model until killed; the line that starts with http:// is the base URL."""
    parser = argparse.ArgumentParser(description="llama.cpp's server with a random model.")
    parser.add_argument("model", type=Path)
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args(argv)
    if not options.model.exists():
        make_model(options.model)
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(options.model)
    params.n_ctx = CONTEXT_TOKENS * 4
    params.n_parallel = 4
    params.hostnames = ["127.0.0.1"]
    params.port = options.port
    params.cpuparams.n_threads = 1
    params.cpuparams_batch.n_threads = 1
    params.warmup = False
    server = xllamacpp.Server(params)
    sys.stdout.write(f"{server.listening_address.rstrip('/')}/v1\n")
    sys.stdout.flush()
    threading.Event().wait()


if __name__ == "__main__":
    main()
