"""Run in the environment ``torch``: an exported network, a scripted one, and a tiny text classifier.

    python make_torch.py FOLDER

The classifier has random weights and a tokenizer of its own words: nothing is taken from a hub.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast, pipeline

FEATURES = 5
WORDS = ["a", "bad", "book", "dull", "film", "fine", "good", "is", "it", "not", "this", "very"]


def networks(root: Path) -> None:
    network = torch.nn.Sequential(torch.nn.Linear(FEATURES, 8), torch.nn.Tanh(), torch.nn.Linear(8, 2)).eval()
    asked = torch.randn(100, FEATURES)
    with torch.no_grad():
        expected = network(asked).numpy()
    rows = torch.export.Dim("rows", min=1, max=1024)
    exported = torch.export.export(network, (torch.zeros(4, FEATURES),), dynamic_shapes=({0: rows},))
    for name, file in (("pytorch-pt2", "model.pt2"), ("pytorch-torchscript", "model.pt")):
        (root / name).mkdir()
        path = root / name / file
        if file.endswith("pt2"):
            torch.export.save(exported, path)
        else:
            torch.jit.script(network).save(str(path))
        np.savez(root / f"{name}.npz", x=asked.numpy(), predict=expected)


def classifier(root: Path) -> None:
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    words = Tokenizer(
        models.WordLevel({word: i for i, word in enumerate(special + WORDS)}, unk_token="[UNK]")
    )
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=words, pad_token="[PAD]", unk_token="[UNK]")
    config = BertConfig(
        vocab_size=len(special) + len(WORDS),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=32,
        id2label={0: "bad", 1: "good"},
        label2id={"bad": 0, "good": 1},
        initializer_range=1.0,
    )
    model = BertForSequenceClassification(config).eval()
    folder = root / "huggingface"
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    draw = np.random.default_rng(9)
    asked = [" ".join(draw.choice(WORDS, size=draw.integers(1, 9))) for _ in range(100)]
    said = pipeline("text-classification", model=str(folder), tokenizer=str(folder))(asked)
    (root / "huggingface.json").write_text(json.dumps({"x": asked, "expected": said}))


if __name__ == "__main__":
    torch.manual_seed(7)
    target = Path(sys.argv[1])
    networks(target)
    classifier(target)
