"""Every error finsmith raises on purpose.

FinsmithError
├── ParamsError          params.yaml: an unknown key, a missing key, a value out of range
├── RecordError          a broken line of a record file (names file:line)
├── SourceError          an input that cannot be used at all (names the file)
├── OutputError          an output that could not be written (disk full, no permission)
├── TeacherError
│   ├── TeacherRefused         the endpoint said no for good (401, 404, unpriced model)
│   ├── TeacherRequestRefused  the endpoint will not take this one request (too long, content policy)
│   ├── TeacherReplyMalformed  the endpoint answered with something that is no usable reply
│   └── TeacherUnavailable     refused connection, 429, 5xx, time-out; retried, as a malformed answer is, a few times
├── BudgetExceeded       the next call could cost more than the budget leaves
├── LineageError         data that must not be used where it is, such as a test question in a training set
├── ExpectationError     a set of data that does not meet a critical expectation
├── ModelError           a model that cannot be fetched, verified or loaded
├── TrackingError        the MLflow server did not take a run
├── ReviewError          rows that people must look at before they are used still wait
│   └── DecisionOutdated       a decision on a row that was decided elsewhere since it was shown
└── ExperimentError      an experiment that cannot be queued, run or read

Bad data is a reject row, never an exception. Not covered: programming errors, which stay as they are.
"""


class FinsmithError(Exception):
    """The base of all errors with a message meant for the user."""


class ParamsError(FinsmithError):
    """params.yaml does not say what a stage needs."""


class RecordError(FinsmithError):
    """A line of a record file is broken."""


class SourceError(FinsmithError):
    """An input is absent or unusable as a whole."""


class OutputError(FinsmithError):
    """An output could not be written; what stood there before still stands."""


class TeacherError(FinsmithError):
    """A call to the teacher failed."""


class TeacherRefused(TeacherError):
    """The endpoint refuses for good; trying again cannot help."""


class TeacherReplyMalformed(TeacherError):
    """The endpoint's answer is no usable reply."""


class TeacherRequestRefused(TeacherError):
    """The endpoint refuses one request for what it holds; others may pass."""


class TeacherUnavailable(TeacherError):
    """The endpoint cannot answer now; trying again may help, after the time it asks for where it does.

    `billed` where the call may cost something all the same, as after a time-out.
    """

    def __init__(self, message: str, retry_after_seconds: float | None = None, billed: bool = False) -> None:
        super().__init__(message)
        self.retry_after_seconds, self.billed = retry_after_seconds, billed


class BudgetExceeded(FinsmithError):
    """The next call could cost more than is left."""


class LineageError(FinsmithError):
    """Data stands where it must not, or what it came from is not there."""


class ExpectationError(FinsmithError):
    """A set of data does not meet a critical expectation."""


class ModelError(FinsmithError):
    """A model cannot be fetched, verified or loaded."""


class TrackingError(FinsmithError):
    """The tracking server did not take a run."""


class ReviewError(FinsmithError):
    """People must look at rows first, or what they said cannot be taken."""


class DecisionOutdated(ReviewError):
    """The row was decided in another tab or by another server since it was shown; show it again."""


class ExperimentError(FinsmithError):
    """DVC cannot queue, run or read an experiment."""
