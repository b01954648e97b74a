"""Tests of the tree of errors."""

import inspect
import re

from finsmith.core import errors

CLASSES = [member for _, member in inspect.getmembers(errors, inspect.isclass)]


def _tree_in_docstring():
    """Pairs (class, its parent) as the module's docstring draws them."""
    pairs, parents = [], {}
    for line in (errors.__doc__ or "").splitlines():
        if match := re.match(r"([│├└─ ]*)([A-Z]\w+)(?:\s{2,}|$)", line):
            depth = len(match[1])
            parents[depth] = match[2]
            pairs.append((match[2], parents[max((d for d in parents if d < depth), default=depth)]))
    return pairs


def test_docstring_draws_the_whole_tree():
    """Every error class stands in the docstring's tree, under its real parent."""
    expected = {c.__name__: "FinsmithError" if c is errors.FinsmithError else c.__bases__[0].__name__ for c in CLASSES}
    assert dict(_tree_in_docstring()) == expected


def test_all_are_finsmith_errors():
    """One `except FinsmithError` catches every error that is meant for the user, and only one teacher error retries."""
    assert all(issubclass(c, errors.FinsmithError) for c in CLASSES)
    assert not issubclass(errors.TeacherRefused, errors.TeacherUnavailable)
    assert not issubclass(errors.TeacherReplyMalformed, errors.TeacherUnavailable)
