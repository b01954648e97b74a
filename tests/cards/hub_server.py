"""A server that takes commits as the Hugging Face Hub does, for what is small enough to be sent inside of them."""

import base64
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class _Hub(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        if self.headers.get("Authorization") != "Bearer hf_right":
            return self._answer(401, {"error": "Invalid credentials"})
        place = self.path.partition("?")[0]
        if place == "/api/repos/create":
            asked = json.loads(body)
            self.server.created.append(asked)
            return self._answer(200, {"url": f"{self.server.address}/{asked.get('organization', '')}/{asked['name']}"})
        if place == "/api/validate-yaml":
            return self._answer(200, {"errors": [], "warnings": []})
        if "/preupload/" in place:
            files = [{"path": one["path"], "uploadMode": "regular"} for one in json.loads(body)["files"]]
            return self._answer(200, {"files": [one | {"shouldIgnore": False, "oid": None} for one in files]})
        if "/commit/" in place:
            lines = [json.loads(line) for line in body.splitlines()]
            files = {one["value"]["path"]: one["value"]["content"] for one in lines if one["key"] == "file"}
            self.server.commits[place] = {path: base64.b64decode(content) for path, content in files.items()}
            repository = place.split("/commit/")[0].removeprefix("/api/").removeprefix("models/")
            address = f"{self.server.address}/{repository}/commit/{'0' * 40}"
            return self._answer(200, {"commitUrl": address, "commitOid": "0" * 40})
        return self._answer(404, {"error": place})

    def _answer(self, status, content):
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextmanager
def hub():
    """The server, with what was `created` and the `commits` it took, by address; its token is `hf_right`."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Hub)
    server.created, server.commits = [], {}
    server.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()
