"""`python tools/zygote.py web PORT COUNT | worker`: loads CodePop once, then forks the processes that do the work.

Whoever kills a process a thousand times can't wait each time until Django has been read in: here a killed one is
followed by a fresh one within some hundredths of a second. They are ordinary processes: own connections, own threads,
nothing shared but the code in memory and the listening socket. Only the kill trials use this (`simulate --kills`).
"""

import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

import django
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler

BACKLOG = 128


class _Quiet(WSGIRequestHandler):
    """Keeps connections open and writes no line for each request: the product logs its own."""

    def log_message(self, format: str, *args: Any) -> None:
        return


def _listen(port: int) -> socket.socket:
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    listening.listen(BACKLOG)
    return listening


def _serve(listening: socket.socket) -> None:
    from config.wsgi import application  # Django's settings are read by now

    server = ThreadedWSGIServer(("127.0.0.1", 0), _Quiet, bind_and_activate=False)
    server.socket.close()
    server.socket = listening
    host, port = listening.getsockname()
    server.server_name, server.server_port = host, port
    server.setup_environ()
    server.set_app(application)
    server.serve_forever(poll_interval=0.05)


def _fork(work: Callable[[], object]) -> int:
    if pid := os.fork():
        return pid
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    try:
        work()
    finally:
        os._exit(1)


def _end(children: set[int]) -> NoReturn:
    for pid in children:
        try:
            os.kill(pid, signal.SIGTERM)
        except ProcessLookupError:
            continue
    deadline = time.monotonic() + 5
    while children and time.monotonic() < deadline:
        pid, _ = os.waitpid(-1, os.WNOHANG)
        children.discard(pid)
        time.sleep(0.02)
    for pid in children:
        os.kill(pid, signal.SIGKILL)
    os._exit(0)


def keep(work: Callable[[], object], *, count: int, listed: Path) -> NoReturn:
    """Keep `count` children at `work`; their ids, and since when they live, stand in the file `listed`."""
    alive: dict[int, float] = {}

    def stop(_number: int, _frame: object) -> NoReturn:
        _end(set(alive))

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    while True:
        while len(alive) < count:
            alive[_fork(work)] = time.time()
        draft = listed.with_suffix(".new")
        draft.write_text(json.dumps({str(pid): since for pid, since in alive.items()}))
        draft.replace(listed)
        pid, _ = os.wait()
        alive.pop(pid, None)


def main(words: list[str]) -> NoReturn:
    """Load everything, then keep the processes that were asked for."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
    django.setup()
    listed = Path(os.environ["CODEPOP_DATA"]) / f"{words[0]}-processes.json"
    if words[0] == "web":
        import_module("config.urls")  # so that no child has to read it

        listening = _listen(int(words[1]))
        keep(lambda: _serve(listening), count=int(words[2]), listed=listed)
    keep(lambda: call_command("worker"), count=1, listed=listed)


if __name__ == "__main__":
    main(sys.argv[1:])
