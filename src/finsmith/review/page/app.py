"""The desk over HTTP, and the page. Every answer but the page itself wants a reviewer's token.

Not covered: TLS; where others than this machine shall reach it, a reverse proxy stands in front (docs/review.md).
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import uvicorn
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from finsmith.core.errors import DecisionOutdated, FinsmithError, OutputError, ReviewError

from ..decisions import FIELDS, Key, first_fault
from .access import Access, Patience, is_loopback, is_ours
from .desk import Desk, Picture, Said

_PAGE = Path(__file__).with_name("static")
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_MOST_BYTES = 1_000_000  # of a request
_MOST_WORDS = 200  # characters of a search
_STATUS = {DecisionOutdated: 409, ReviewError: 422, OutputError: 507}  # in this order; all else that is told is 503
Asked = Callable[[Request, str], Any]


def make_app(desk: Desk, access: Access, names: frozenset[str]) -> Starlette:
    """The routes; `names` are the hosts that the server answers to, next to addresses."""
    patience = Patience()

    def route(path: str, answer: Asked, status: int = 200) -> Route:
        async def endpoint(request: Request) -> Response:
            if not (reviewer := await run_in_threadpool(access.reviewer, _token(request))):
                await asyncio.sleep(patience.wait(request.client.host if request.client else ""))
                raise HTTPException(401, "This link is not valid, or no longer. Ask for a new one.")
            request.state.body = await request.body()
            found = await run_in_threadpool(answer, request, reviewer)
            if isinstance(found, Picture):
                return Response(found.png, headers={"Passage-Top": f"{found.top:.4f}"}, media_type="image/png")
            return _json(found, status)

        return Route(path, endpoint, methods=["POST"] if status == 201 else ["GET"])

    def next_card(request: Request, reviewer: str) -> Any:
        kind = request.query_params.get("kind") or None
        if kind and kind not in FIELDS:
            raise HTTPException(422, f"kind: {kind[:20]!r} is none of {', '.join(FIELDS)}.")
        after = request.query_params.get("after", "0")
        if not after.isdecimal() or len(after) > 12:
            raise HTTPException(422, "after: it must be a whole number.")
        card = desk.next(reviewer, int(after), kind)
        return {"card": card, "progress": desk.progress(reviewer)}

    def one_card(request: Request, reviewer: str) -> Any:
        key: Key = (request.path_params["kind"], request.path_params["id"])
        if not (card := desk.card(reviewer, key)):
            raise HTTPException(404, f"{key[0]} {key[1]}: it is not among your rows.")
        return {"card": card, "progress": desk.progress(reviewer)}

    def picture(request: Request, _: str) -> Picture:
        if found := desk.picture(request.path_params["passage"], request.path_params["page"]):
            return found
        raise HTTPException(404, "There is no picture of this page.")

    def search(request: Request, reviewer: str) -> Any:
        return {"found": desk.search(reviewer, request.query_params.get("words", "")[:_MOST_WORDS])}

    def decide(request: Request, reviewer: str) -> Any:
        try:
            said = Said.model_validate_json(request.state.body)
        except ValidationError as error:
            raise HTTPException(422, first_fault(error, "decision")) from error
        decision = desk.decide(reviewer, said)
        return {"decision": decision.model_dump(mode="json"), "progress": desk.progress(reviewer)}

    routes = [
        route("/api/me", lambda _, reviewer: desk.about(reviewer) | {"progress": desk.progress(reviewer)}),
        route("/api/next", next_card),
        route("/api/cards/{kind}/{id}", one_card),
        route("/api/pictures/{passage}/{page:int}", picture),
        route("/api/search", search),
        route("/api/decisions", decide, 201),
        *_page(),
    ]
    errors = {HTTPException: _refused, FinsmithError: _told}
    app = Starlette(routes=routes, exception_handlers=errors, max_body_size=_MOST_BYTES)  # type: ignore[arg-type]
    app.add_middleware(_Guard, names=names)
    return app


def serve(app: Starlette, listening: socket.socket) -> None:
    """Serves until the process is interrupted."""
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=2,
    )
    uvicorn.Server(config).run(sockets=[listening])


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 is a free one.

    Raises:
        ReviewError: the port is taken, or there is no such address here.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family)
    except OSError as error:
        raise ReviewError(
            f"{host}:{port}: cannot be listened on ({error.strerror}). Name another with --host and --port."
        ) from error
    # asyncio does so for sockets of its own alone; without it each answer waits 40 ms for the browser's acknowledgement
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def names_of(host: str) -> frozenset[str]:
    """The names in a Host header that are this server's."""
    here = {"localhost"}
    return frozenset(here if is_loopback(host) else here | {host.lower(), socket.gethostname().lower()})


class _Guard:
    """Refuses requests that name another host, and sets the headers of every answer."""

    def __init__(self, app: ASGIApp, names: frozenset[str]) -> None:
        self._app, self._names = app, names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message["headers"],
                    *((name.lower().encode(), value.encode()) for name, value in _HEADERS.items()),
                ]
            await send(message)

        answer: ASGIApp = self._app
        if scope["type"] == "http" and not is_ours(Request(scope).headers.get("host", ""), self._names):
            answer = _json({"error": "This server does not answer to that name."}, 421)
        await answer(scope, receive, send_with_headers)


def _page() -> Iterator[Route]:
    """A route for each file of the page, and `/` for the page itself."""
    for path in sorted(_PAGE.iterdir()):
        if path.suffix in _TYPES:
            yield Route("/" if path.name == "index.html" else f"/{path.name}", _file(path), methods=["GET"])


def _file(path: Path) -> Callable[[Request], Awaitable[Response]]:
    content = path.read_bytes()

    async def endpoint(_: Request) -> Response:
        return Response(content, media_type=_TYPES[path.suffix])

    return endpoint


def _token(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _json(content: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(content), status, media_type="application/json")


async def _refused(_: Request, error: HTTPException) -> Response:
    return _json({"error": error.detail}, error.status_code)


async def _told(_: Request, error: FinsmithError) -> Response:
    status = next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 503)
    return _json({"error": str(error)}, status)
