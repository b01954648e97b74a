"""String types for what a teacher is asked to return, bounded in a way that endpoints turn into a grammar.

Bounds are patterns: OpenAI's strict schemas take `pattern` and `minItems`, but neither `minLength` nor `maxLength`. The
patterns let in no quotation mark and no backslash, which some servers would write without escaping them, and decide at
each character without looking back, as llama.cpp's parser does. Not covered: texts of several lines.
"""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode
from pydantic_core import CoreSchema

_PLAIN = r"[^\"\\\n]"
_IN_SENTENCE = r"([0-9][.][0-9]|[^.?!\"\\\n])"  # a full stop only between digits

LONGEST_WORDS = 40
Words = Annotated[str, Field(pattern=rf"^{_PLAIN}{{1,{LONGEST_WORDS}}}$")]
Line = Annotated[str, Field(pattern=rf"^{_PLAIN}{{4,160}}$")]
Paragraph = Annotated[str, Field(pattern=rf"^{_PLAIN}{{30,260}}$")]
Question = Annotated[str, Field(pattern=rf"^{_IN_SENTENCE}{{8,110}}\?$")]
Sentence = Annotated[str, Field(pattern=rf"^{_IN_SENTENCE}{{8,120}}\.$")]
LongSentence = Annotated[str, Field(pattern=rf"^{_IN_SENTENCE}{{8,200}}\.$")]
ShortSentence = Annotated[str, Field(pattern=rf"^{_IN_SENTENCE}{{8,70}}\.$")]
_ORDERS = "세요|시오|줘|줘요|나요|까|까요|가요"  # what a Korean order or question ends with
TASK_PATTERN = rf"^{_IN_SENTENCE}{{10,130}}({_ORDERS})[.?]$"
Task = Annotated[str, Field(pattern=rf"^{_IN_SENTENCE}{{8,150}}({_ORDERS}|[A-Za-z0-9%)])[.?]$")]  # English ones too


class Shape(BaseModel):
    """What a teacher returns; the order of the fields is the order it writes them in."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    @classmethod
    def schema_sent(cls) -> dict[str, Any]:
        """The JSON schema that goes to the endpoint, without our own names and words for things."""
        return cls.model_json_schema(schema_generator=_Bare)


class _Bare(GenerateJsonSchema):
    """Leaves titles and docstrings out: they are not meant for the teacher, and would be part of a request's key."""

    def generate(self, schema: CoreSchema, mode: JsonSchemaMode = "validation") -> dict[str, Any]:
        made = super().generate(schema, mode)
        for part in (made, *made.get("$defs", {}).values()):
            for named in (part, *part.get("properties", {}).values()):
                named.pop("title", None)
                named.pop("description", None)
        return made
