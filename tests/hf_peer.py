"""A second real model server for tests: `transformers serve` with a small model of random weights.

It runs in an environment of its own, because torch is large:
`PYTHON -m pip install "transformers[serving]" torch`, then `PYTHON tests/hf_peer.py FOLDER --port N`. What
makes it useful is how it differs from llama.cpp: it ignores `n`, `seed` and `response_format`, and refuses
unknown fields with a 422.
"""

import argparse
import os
import sys
from pathlib import Path

TEMPLATE = (
    "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant: {% endif %}"
)


def make_model(folder: Path) -> None:
    """Write a llama model of random weights and a tokenizer of ASCII characters."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    # No other bytes: half a character at the end of an answer is left out of a stream only.
    tokens = ["<unk>", "<s>", "</s>", "Ġ", "Ċ", *map(chr, range(33, 127))]
    tokenizer = Tokenizer(models.BPE({token: n for n, token in enumerate(tokens)}, [], unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token="<unk>", bos_token="<s>", eos_token="</s>", pad_token="</s>"
    )
    fast.chat_template = TEMPLATE
    fast.save_pretrained(folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokens),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=8192,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=2,
    )
    LlamaForCausalLM(config).save_pretrained(folder)


def main() -> None:
    """Make the model if it is not there, and become its server."""
    parser = argparse.ArgumentParser(description="transformers serve with a random model.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    if not (options.folder / "config.json").exists():
        make_model(options.folder)
    command = str(Path(sys.executable).with_name("transformers"))
    flags = ["--host", "127.0.0.1", "--port", str(options.port), "--device", "cpu"]
    os.execv(command, [command, "serve", str(options.folder), *flags])


if __name__ == "__main__":
    main()
