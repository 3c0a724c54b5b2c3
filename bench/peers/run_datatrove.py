"""datatrove's inference runner: documents in, a JSONL file out, no checkpoints (its default).

For an endpoint on localhost it takes a socket path of its own; for any other it takes the `openai` client.
127.0.0.2 is this machine too, but not by that name.
"""

import tempfile

from datatrove.data import Document
from datatrove.pipeline.inference.run_inference import InferenceConfig, InferenceRunner
from datatrove.pipeline.writers import JsonlWriter
from work import SAMPLING, arguments, prompt


async def rollout(document, generate):
    result = await generate({"messages": [{"role": "user", "content": document.text}]})
    return result.text


def main() -> None:
    url, count, at_once = arguments()
    config = InferenceConfig(
        server_type="endpoint",
        model_name_or_path="m",
        endpoint_url=url,
        api_key="none",
        max_concurrent_generations=at_once,
        default_generation_params=SAMPLING,
    )
    with tempfile.TemporaryDirectory() as folder:
        runner = InferenceRunner(rollout, config, JsonlWriter(folder, compression=None))
        runner.run(Document(text=prompt(number), id=str(number)) for number in range(count))


main()
