"""NeMo Data Designer: seed rows in, one column written by a model, its data set and profile out."""

import logging
import tempfile

import data_designer.config as dd
import pandas as pd
from data_designer.interface import DataDesigner
from work import SAMPLING, arguments, prompt


def main() -> None:
    url, count, at_once = arguments()
    parameters = dd.ChatCompletionInferenceParams(**SAMPLING, max_parallel_requests=at_once)
    model = dd.ModelConfig(
        alias="writer", model="m", provider="bench", inference_parameters=parameters, skip_health_check=True
    )
    builder = dd.DataDesignerConfigBuilder(model_configs=[model])
    rows = pd.DataFrame({"prompt": [prompt(number) for number in range(count)]})
    builder.with_seed_dataset(dd.DataFrameSeedSource(df=rows))
    builder.add_column(dd.LLMTextColumnConfig(name="answer", prompt="{{ prompt }}", model_alias="writer"))
    with tempfile.TemporaryDirectory() as folder:
        provider = dd.ModelProvider(name="bench", endpoint=url, provider_type="openai", api_key="none")
        designer = DataDesigner(artifact_path=folder, model_providers=[provider])
        designer.set_run_config(dd.RunConfig(otel_metrics_port=None, disable_early_shutdown=True))
        designer.create(builder, num_records=count)


logging.basicConfig(level=logging.ERROR)
main()
