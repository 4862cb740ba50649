"""A real Odoo server for tests and benchmarks, and clients that speak to it."""

import json
import os
import secrets
import signal
import subprocess
import time
import urllib.error
import urllib.request
import xmlrpc.client

from . import network, odoo, paths, postgres, shell
from .ui import Problem

START_TIMEOUT = 120


class JsonError(Exception):
    """An error answered by JSON-2: HTTP status and Odoo's description."""

    def __init__(self, status: int, body: dict):
        super().__init__(f"{status} {body.get('name')}: {body.get('message')}")
        self.status = status
        self.body = body


class Server:
    """One database served by a process of its own.

    Methods that make a client take a login and use the password of the same name
    unless another is given, as in the demo (admin/admin).
    """

    def __init__(self, database: str, *options: str, port: int | None = None):
        self.database = self.db = database
        self.login = self.password = "admin"
        self.port = port or network.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.options = options
        self.log = paths.LOGS / f"served-{database}.log"
        self.process = None

    def start(self):
        """Start and wait until it answers."""
        command = [paths.PYTHON, "-m", "caetools.inside.serve", "server"]
        command += [*self._arguments(), *self.options]
        paths.LOGS.mkdir(parents=True, exist_ok=True)
        with open(self.log, "ab") as output:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=paths.ROOT,
                env={**os.environ, **odoo.environment()},
                start_new_session=True,
            )
        self._wait()
        return self

    def _arguments(self):
        return (
            *("--database", self.database, "--db-filter", f"^{self.database}$"),
            *("--http-interface", "127.0.0.1", "--http-port", str(self.port)),
            *("--max-cron-threads", "0"),
        )

    def _wait(self):
        limit = time.monotonic() + START_TIMEOUT
        while time.monotonic() < limit:
            if self.process.poll() is not None:
                break
            try:
                # Odoo listens before it has loaded the database; this needs both.
                with urllib.request.urlopen(f"{self.url}/web/login", timeout=60):
                    return
            except OSError:
                time.sleep(0.2)
        self.kill()
        raise Problem(f"Odoo did not start. {self.log}:\n{shell.tail(self.log)}")

    def stop(self, how: int = signal.SIGTERM):
        """End the process and wait for it."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def kill(self):
        """End the process at once, as a crash would."""
        self.stop(signal.SIGKILL)

    def odoorpc(self, login="admin", password=None, timeout=600):
        """An odoorpc client, logged in."""
        import odoorpc

        client = odoorpc.ODOO("127.0.0.1", port=self.port, timeout=timeout)
        client.login(self.database, login, password or login)
        return client

    def xmlrpc(self, login="admin", password=None):
        """An XML-RPC client, logged in."""
        return XmlRpc(self, login, password or login)

    def json2(self, login="admin", key=None):
        """A JSON-2 client with an API key of this user, made when not given."""
        return Json2(self, key or self.api_key(login))

    def api_key(self, login="admin") -> str:
        """A new API key of a user, as Odoo writes it; it lasts a day."""
        from passlib.hash import pbkdf2_sha512

        key = secrets.token_hex(20)
        stored = pbkdf2_sha512.using(rounds=1).hash(key)
        postgres.query(
            "INSERT INTO res_users_apikeys"
            " (name, user_id, scope, expiration_date, key, index)"
            " SELECT 'tests', id, 'rpc', NOW() AT TIME ZONE 'utc' + INTERVAL '1 day',"
            f" '{stored}', '{key[:8]}' FROM res_users WHERE login = '{login}'",
            self.database,
        )
        return key


class XmlRpc:
    """``call(model, method, *args, **kwargs)`` over /xmlrpc/2."""

    def __init__(self, server: Server, login: str, password: str):
        common = xmlrpc.client.ServerProxy(f"{server.url}/xmlrpc/2/common")
        self.uid = common.authenticate(server.database, login, password, {})
        if not self.uid:
            raise Problem(f"XML-RPC: wrong login or password for {login}")
        self.object = xmlrpc.client.ServerProxy(f"{server.url}/xmlrpc/2/object")
        self.credentials = (server.database, self.uid, password)

    def call(self, model: str, method: str, *args, **kwargs):
        """Call a method; a failure raises xmlrpc.client.Fault."""
        return self.object.execute_kw(
            *self.credentials, model, method, list(args), kwargs
        )


class Json2:
    """``call(model, method, **kwargs)`` over /json/2."""

    def __init__(self, server: Server, key: str):
        self.url = f"{server.url}/json/2"
        self.headers = {
            "Authorization": f"bearer {key}",
            "Content-Type": "application/json; charset=utf-8",
            "X-Odoo-Database": server.database,
        }

    def call(self, model: str, method: str, **kwargs):
        """Call a method with named arguments (records in ``ids``).

        :raises JsonError: with the HTTP status and Odoo's description
        """
        request = urllib.request.Request(
            f"{self.url}/{model}/{method}",
            data=json.dumps(kwargs).encode(),
            headers=self.headers,
        )
        try:
            with urllib.request.urlopen(request, timeout=600) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                raise JsonError(error.code, _body(error)) from None


def _body(error: urllib.error.HTTPError) -> dict:
    text = error.read().decode(errors="replace")
    try:
        return json.loads(text)
    except ValueError:
        return {"name": "", "message": text}
