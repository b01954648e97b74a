"""A short summary of a passage by the teacher. Not covered: length control, summaries of whole sections."""

from finsmith.core.errors import TeacherReplyMalformed
from finsmith.core.records import Example, Passage, Provenance, Reply, Request

from .params import GenerateParams
from .prompting import passage_request


def build(passage: Passage, params: GenerateParams) -> list[Request]:
    """One request for one summary."""
    return [passage_request("summary", passage, params.teacher, params.summary.max_tokens)]


def parse(reply: Reply, request: Request, passage: Passage, params: GenerateParams) -> list[Example]:
    """One example.

    Raises:
        TeacherReplyMalformed: the reply is empty, cut off, or no shorter than the passage.
    """
    text = reply.text.strip()
    if not text:
        raise TeacherReplyMalformed("the summary is empty")
    if reply.finish_reason == "length":
        raise TeacherReplyMalformed(f"the summary is cut off at {params.summary.max_tokens} tokens")
    if len(text) >= len(passage.text):
        raise TeacherReplyMalformed(f"the summary ({len(text)} characters) is no shorter than the passage")
    return [
        Example(
            recipe="summary.short",
            instruction="다음 글을 한두 문장으로 요약하세요.",
            input=passage.text,
            output=text,
            provenance=Provenance(
                sources=(passage.id,), prompt_sha256=request.prompt_sha256, model=reply.model, request_key=reply.key
            ),
        )
    ]
