"""The dataset card."""

import yaml

from finsmith.mixture.card import dataset_card

from .test_mix import rows

STATISTICS = {
    "rows": 5,
    "domain_fraction": 1.0,
    "domain_rows": 3,
    "general_rows": 2,
    "general_share": 0.4,
    "tokens": 12345,
    "general_share_by_tokens": 0.3636,
}


def test_the_card_tells_counts_shares_and_recipes():
    """Rows, tokens, both shares, and a table line per recipe."""
    card = dataset_card([*rows(1, "summary.short"), *rows(2), *rows(2, "general")], STATISTICS)
    assert "5 instruction rows (12,345 tokens of the base model): 3 domain and 2 general" in card
    assert "40.00% by rows and 36.36% by tokens" in card
    table = [line for line in card.splitlines() if line.startswith("|")]
    assert table[2:] == ["| general | 2 |", "| glossary_qa.definition | 2 |", "| summary.short | 1 |"]


def test_the_card_of_a_part_says_that_it_is_one():
    """A quarter is told as such, the whole without a word."""
    assert "sample" not in dataset_card(rows(5), STATISTICS)
    part = dataset_card(rows(5), STATISTICS | {"domain_fraction": 0.25})
    assert "by tokens. Its domain rows are a sample of 0.25 of those of the full mixture." in part


def test_the_front_matter_is_yaml():
    """Dataset hubs read language and task from the head of the card."""
    _, front, _ = dataset_card(rows(5), STATISTICS).split("---\n", 2)
    assert yaml.safe_load(front) == {
        "language": ["ko"],
        "task_categories": ["text-generation"],
        "tags": ["finance", "instruction-tuning"],
    }
