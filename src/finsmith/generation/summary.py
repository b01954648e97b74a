"""Summaries by the teacher: of a passage in one of several lengths, of a whole section in so many characters.

Not covered: whether a summary is true to its text; that its numbers are the text's is checked.
"""

from collections.abc import Callable, Sequence
from typing import Annotated, NamedTuple

from pydantic import Field

from finsmith.core.dialogue import Dialogue
from finsmith.core.errors import TeacherReplyMalformed
from finsmith.core.ids import content_id
from finsmith.core.records import Example, Passage, Reply, Request
from finsmith.text.quoting import foreign_numbers

from .answers import Made, answers, read_json
from .focus import says_enough
from .material import Material
from .params import GenerateParams
from .prompting import passage_request, words
from .prose import check_of_itself, check_prose, check_whole
from .shapes import Sentence, Shape, ShortSentence


class OneSentence(Shape):
    """A summary in one sentence."""

    sentences: Annotated[list[Sentence], Field(min_length=1, max_length=1)]


class Short(Shape):
    """A summary in two or three sentences."""

    sentences: Annotated[list[Sentence], Field(min_length=2, max_length=3)]


class Bullets(Shape):
    """A summary in three short points."""

    sentences: Annotated[list[ShortSentence], Field(min_length=3, max_length=3)]


class Section(Shape):
    """A summary of several passages."""

    sentences: Annotated[list[Sentence], Field(min_length=3, max_length=6)]


SHAPES: dict[str, type[OneSentence | Short | Bullets | Section]] = {
    "one_sentence": OneSentence,
    "short": Short,
    "bullets": Bullets,
    "section": Section,
}


class Wanted(NamedTuple):
    """A summary to be made: of these passages, in this length, a key of the prompt's and rows' wordings."""

    passages: Sequence[Passage]
    length: str

    @property
    def sources(self) -> tuple[str, ...]:
        """The passages' ids."""
        return tuple(passage.id for passage in self.passages)

    @property
    def whole(self) -> Passage:
        """The passages as one."""
        first = self.passages[0]
        if len(self.passages) == 1:
            return first
        text = "\n".join(p.text for p in self.passages)
        return first.model_copy(update={"text": text, "headings": first.headings[:1]})


def most(material: Material) -> int:
    """Some summaries of each passage, and one of each section."""
    settings = material.params.summary
    own = min(settings.per_passage, len(settings.lengths)) * len(material.telling)
    return own + sum(_fits(section, material.params) for section in material.sections.values())


def _fits(section: Sequence[Passage], params: GenerateParams) -> bool:
    return sum(passage.tokens for passage in section) <= params.summary.section_tokens


def talk(passage: Passage, material: Material) -> Dialogue[Made]:
    """Summaries of the passage, and of its section where it is the first of one that is not too long."""
    params, made = material.params, Made()
    if not says_enough(passage.text):
        return made
    lengths = sorted(params.summary.lengths, key=lambda length: content_id([params.seed, length, passage.text]))
    wanted = [Wanted([passage], length) for length in lengths[: params.summary.per_passage]]
    section = material.sections.get(passage.id, [])
    if section and _fits(section, params):
        wanted.append(Wanted(section, "section"))
    found = yield from answers([(_request(one, params), _reader(one, params)) for one in wanted], made, params)
    for one, answer in zip(wanted, found, strict=True):
        if answer:
            made.examples.append(
                Example(
                    recipe=f"summary.{one.length}",
                    instruction=words(params, f"summary_{one.length}", passage.id, chars=params.summary.section_chars),
                    input=one.whole.text,
                    output=answer.value,
                    provenance=answer.provenance(one.sources),
                )
            )
    return made


def _request(wanted: Wanted, params: GenerateParams) -> Request:
    settings = params.summary
    how = words(params, f"summary_{wanted.length}_rule", "", chars=settings.section_chars)
    schema = SHAPES[wanted.length].schema_sent()
    made = passage_request("summary", wanted.whole, params, settings, schema, how=how)
    return made.model_copy(update={"sources": wanted.sources})


def _reader(wanted: Wanted, params: GenerateParams) -> Callable[[Reply], str]:
    def read(reply: Reply) -> str:
        source = wanted.whole
        sentences = read_json(reply, SHAPES[wanted.length]).sentences
        text = "\n".join(f"- {one}" for one in sentences) if wanted.length == "bullets" else " ".join(sentences)
        longest = min(params.summary.section_chars if wanted.length == "section" else len(text), len(source.text) - 1)
        if len(text) > longest:
            raise TeacherReplyMalformed(f"the summary has {len(text)} characters, more than {longest}")
        if len(set(sentences)) < len(sentences):
            raise TeacherReplyMalformed("a sentence stands twice")
        check_whole(sentences)
        check_of_itself(text, source.text)
        check_prose(text, params.language)
        if foreign := foreign_numbers(text, source.text, *source.headings):
            raise TeacherReplyMalformed(f"numbers that are not in the passage: {', '.join(foreign)}")
        return text

    return read
