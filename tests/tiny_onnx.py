"""A classifier of a few words, made by hand: what stands in a folder of an exported model."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, pre_tokenizers

WORDS = ("[PAD]", "[UNK]", "hỏng", "tốt", "broken", "good", "tệ", "great")
BAD, GOOD = ("hỏng", "broken", "tệ"), ("tốt", "good", "great")


def write(
    folder: Path,
    labels: Sequence[str] = ("NEGATIVE", "POSITIVE"),
    *,
    inputs: Sequence[str] = ("input_ids", "attention_mask"),
    numbers: int = TensorProto.INT64,
    config: Mapping[str, object] | None = None,
    weights: int | None = None,
) -> Path:
    """Write a model whose first label gains 2 by each bad word, whose last one by each good one.

    `weights` is for how many labels it gives numbers, if not for those it names.
    """
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(_network(weights or len(labels), inputs, numbers), str(folder / "model.onnx"))
    named = {str(place): label for place, label in enumerate(labels)}
    told = {"id2label": named, "pad_token_id": 0, **(config or {})}
    (folder / "config.json").write_text(json.dumps(told), encoding="utf-8")
    words = models.WordLevel({word: place for place, word in enumerate(WORDS)}, unk_token="[UNK]")
    tokenizer = Tokenizer(words)
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def _network(labels: int, inputs: Sequence[str], numbers: int) -> onnx.ModelProto:
    """Return a network that sums, over the words that are no padding, what each says."""
    table = numpy.zeros((len(WORDS), labels), dtype="float32")
    for place, word in enumerate(WORDS):
        table[place, 0] = 2.0 * (word in BAD)
        table[place, -1] += 2.0 * (word in GOOD)
    table[0] = 9.0  # what padding says must not be heard
    steps = [
        helper.make_node("Cast", ["input_ids"], ["places"], to=TensorProto.INT64),
        helper.make_node("Gather", ["table", "places"], ["said"]),
        helper.make_node("Cast", [inputs[-1]], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["mask", "last"], ["masks"]),
        helper.make_node("Mul", ["said", "masks"], ["heard"]),
        helper.make_node("ReduceSum", ["heard", "middle"], ["logits"], keepdims=0),
    ]
    places = ["texts", "words"]
    graph = helper.make_graph(
        steps,
        "tiny",
        [helper.make_tensor_value_info(name, numbers, places) for name in inputs],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["texts", labels])],
        [
            numpy_helper.from_array(table, "table"),
            numpy_helper.from_array(numpy.array([-1]), "last"),
            numpy_helper.from_array(numpy.array([1]), "middle"),
        ],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
