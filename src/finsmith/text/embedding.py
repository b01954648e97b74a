"""Texts as vectors of their meaning, by any model that sentence-transformers can load. The only home of that library.

Not covered: which model; Korean wants a multilingual one.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from finsmith.core.errors import ParamsError

Vectors = NDArray[np.float32]  # (texts, dimensions), each of length 1: their products are cosines


class Embedding:
    """A model, on the GPU where there is one."""

    def __init__(self, model: str, key: str) -> None:
        """`model` is a folder or hub id; `key` is the parameter that names it.

        Raises:
            ParamsError: it cannot be loaded.
        """
        from sentence_transformers import SentenceTransformer  # takes seconds, and most runs do without

        try:
            self._model = SentenceTransformer(model)
        except (OSError, ValueError) as error:
            raise ParamsError(
                f"`{key}`: {model!r} is no embedding model: {error}; "
                "name a folder or hub id that sentence-transformers can load"
            ) from error

    def of_texts(self, texts: Sequence[str], progress: bool = False) -> Vectors:
        """The vectors of texts that are compared with each other or asked for."""
        vectors: Vectors = self._model.encode_document(
            list(texts), normalize_embeddings=True, show_progress_bar=progress
        )
        return vectors

    def of_question(self, question: str) -> Vectors:
        """The vector (dimensions,) of a question that texts are to answer."""
        vector: Vectors = self._model.encode_query(question, normalize_embeddings=True, show_progress_bar=False)
        return vector
