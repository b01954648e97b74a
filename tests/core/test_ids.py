"""Tests of content hashes."""

import hashlib

from hypothesis import given, settings
from hypothesis import strategies as st

from finsmith.core.ids import content_id, file_sha256, sha256_of

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def test_hash_is_of_the_canonical_json():
    """The hash is the sha256 of compact UTF-8 JSON with sorted keys, written out here by hand."""
    canonical = '{"a":1,"용어":["환율",null]}'.encode()
    assert sha256_of({"용어": ["환율", None], "a": 1}) == hashlib.sha256(canonical).hexdigest()


def test_content_id_is_the_begin_of_the_hash():
    """An id is the first 16 hex digits of the hash."""
    content = ["ETF", 3]
    assert content_id(content) == hashlib.sha256(b'["ETF",3]').hexdigest()[:16]


@settings(max_examples=50)
@given(st.dictionaries(st.text(), JSON, max_size=4))
def test_order_of_keys_does_not_matter(content):
    """The same keys and values in another order have the same id."""
    assert content_id(dict(reversed(content.items()))) == content_id(content)


@settings(max_examples=50)
@given(st.text(), st.text())
def test_other_content_has_another_id(one, other):
    """Two texts share an id only when they are equal."""
    assert (content_id({"text": one}) == content_id({"text": other})) == (one == other)


def test_file_hash_is_of_all_bytes(tmp_path):
    """A file larger than one read block is hashed whole."""
    content = bytes(range(256)) * 4096
    path = tmp_path / "큰 파일.bin"
    path.write_bytes(content)
    assert file_sha256(path) == hashlib.sha256(content).hexdigest()
