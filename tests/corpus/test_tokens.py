"""Tests of counting tokens, with a tiny tokenizer file written by hand."""

import json

import pytest

from finsmith.core.errors import ModelError
from finsmith.corpus.tokens import token_counter

TOKENIZER = {
    "version": "1.0",
    "truncation": None,
    "padding": None,
    "added_tokens": [],
    "normalizer": None,
    "pre_tokenizer": {"type": "WhitespaceSplit"},
    "post_processor": {
        "type": "TemplateProcessing",
        "single": [{"SpecialToken": {"id": "<bos>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
        "special_tokens": {"<bos>": {"id": "<bos>", "ids": [1], "tokens": ["<bos>"]}},
    },
    "decoder": None,
    "model": {"type": "WordLevel", "vocab": {"<unk>": 0, "<bos>": 1, "금리": 2}, "unk_token": "<unk>"},
}


def test_special_tokens_are_not_counted(tmp_path):
    """Each word is one token, unknown ones too, and the begin token that the tokenizer adds is not counted."""
    path = tmp_path / "tokenizer.json"
    path.write_text(json.dumps(TOKENIZER), encoding="utf-8")
    count = token_counter(path)
    assert [count(text) for text in ("금리 인상 금리", "금리", "")] == [3, 1, 0]


@pytest.mark.parametrize("content", [None, "", "{}", "no json"])
def test_file_that_is_no_tokenizer_is_an_error(tmp_path, content):
    """An absent, empty or foreign file is an error that names it."""
    path = tmp_path / "tokenizer.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(ModelError, match=r"tokenizer\.json: not a tokenizer file"):
        token_counter(path)
