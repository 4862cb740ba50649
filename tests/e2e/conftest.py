"""Fixtures for tests of the real program: a served Odoo, its clients, a browser.

Run them with ``scripts/test e2e``, which prepares the environment.

=================  ====================================================================
``served``         a copy of the template database, served; shared by all tests
``company_fresh``  the same for one test only: an empty French company
``selling``        an empty CAE with one activity and quotes (``cae_sale``), served
``fresh_database`` function that makes a copy of the template and returns its name
``serve``          function that serves a database in a process of its own
``rpc``            admin's odoorpc client of ``served``
``xmlrpc``         the same over XML-RPC: ``xmlrpc.call(model, method, *args, **kw)``
``json2``          the same over JSON-2: ``json2.call(model, method, **kw)``
``browser``        headless Chromium (playwright)
``browser_of``     function that gives the browser of a user, logged in once
``open_page``      function that logs into a server and returns the page
``screen_on``      the same, returning a ``Screen``
``size``           ``phone``, then ``desk``: the test runs at both widths
``portal_of``      function that gives somebody's portal at that width; it is the
                   portal of the module's own server, its fixture ``office``
``prepared``       function that makes a database once for all processes of a run
``past``           a database of plain Odoo with two years of books
``old_books``      a copy of it for one test
``demo_files``     the demo CAE's eight data sets, in loading order
``loaded``         a database that holds them, no month run
``serve_loaded``   function that serves a copy of it
``serve_paying``   function that serves a copy of ``loaded`` where settlements wait
``demo``           name of the database that ``scripts/demo`` builds; nobody changes it
``months_run``     name of the demo CAE with its ten months and a team
``cooperative``    a copy of it, served; read only
=================  ====================================================================
"""

import itertools
import json
import os
import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

import contract  # noqa: E402
import history  # noqa: E402
import paymasters  # noqa: E402
import people  # noqa: E402
import portal  # noqa: E402
import sellers  # noqa: E402
from caetools import databases, demo_data, lock, odoo, paths, serving, setup  # noqa: E402
from screen import PATIENCE, SIZE, Screen  # noqa: E402

CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--force-device-scale-factor=1",
    "--lang=fr-FR",
]


@pytest.fixture(scope="session")
def template():
    """Name of the template database with our addons."""
    return os.environ.get("CAE_TEMPLATE") or setup.full()


@pytest.fixture(scope="session")
def fresh_database(template):
    """Function that copies the template (or another database) and returns the name."""
    made = []
    numbers = itertools.count(1)

    def make(source=None):
        name = f"cae_e2e_{os.getpid()}_{next(numbers)}"
        made.append(name)
        databases.clone(source or template, name)
        return name

    yield make
    for name in made:
        databases.drop(name)


@pytest.fixture(scope="session")
def serve(fresh_database):
    """Function that starts a server on a database, by default a fresh one."""
    started = []

    def start(database=None, *options):
        server = serving.Server(database or fresh_database(), *options)
        started.append(server)
        return server.start()

    yield start
    for server in started:
        server.stop()


@pytest.fixture(scope="session")
def served(serve):
    """A server on a copy of the template, shared by the tests of the session."""
    return serve()


@pytest.fixture
def company_fresh(serve):
    """A server on a copy of the template for one test."""
    server = serve()
    yield server
    server.stop()
    databases.drop(server.database)


@pytest.fixture(scope="session")
def rpc(served):
    """odoorpc client of ``served``."""
    return served.odoorpc()


@pytest.fixture(scope="session")
def xmlrpc(served):
    """XML-RPC client of ``served``: ``xmlrpc.call(model, method, *args, **kw)``."""
    return served.xmlrpc()


@pytest.fixture(scope="session")
def json2(served):
    """JSON-2 client of ``served``: ``json2.call(model, method, **kw)``."""
    return served.json2()


@pytest.fixture(scope="module")
def selling(serve, fresh_database):
    """A server where Inès alone holds an activity, and Odoo's Sales is installed."""
    server = serve(fresh_database(setup.full(glue=True)))
    sellers.prepare(contract.Client(server))
    yield server
    server.stop()
    databases.drop(server.database)


@pytest.fixture(scope="session")
def prepared():
    """Function that makes a database once for all processes of a run.

    ``prepared(label, build)``: what ``build()`` returns, the name of a database and
    something to remember with it. ``CAE_E2E_SHARED`` begins the names of what the
    processes of ``scripts/test`` share, which drops it in the end.
    """
    prefix = os.environ.get("CAE_E2E_SHARED")

    def make(label, build):
        if not prefix:
            return build()
        name = f"{prefix}_{label}"
        remembered = paths.STATE / "results" / f"{name}.json"
        with lock.tests_lock(label):
            if not databases.exists(name):
                draft, result = build()
                remembered.write_text(json.dumps(result))
                databases.rename(draft, name)
        return name, json.loads(remembered.read_text())

    return make


@pytest.fixture(scope="session")
def past(prepared, fresh_database, serve):
    """Name of a database of plain Odoo with two years of books."""

    def build():
        server = serve(fresh_database(databases.base_template()))
        history.History(server).build()
        server.stop()
        return server.database, None

    return prepared("past", build)[0]


@pytest.fixture
def old_books(past, fresh_database):
    """A copy of ``past`` for one test."""
    name = fresh_database(past)
    yield name
    databases.drop(name)


@pytest.fixture(scope="session")
def demo_files():
    """``(dataset, path)`` of the demo CAE, in loading order."""
    return demo_data.files()


@pytest.fixture(scope="session")
def loaded(prepared, serve, demo_files):
    """``(database, {dataset: result})``: the demo CAE's data and no month run.

    Loaded as files over XML-RPC. ``CAE_E2E_LOADED`` names a database kept from before.
    """
    kept = os.environ.get("CAE_E2E_LOADED")
    if kept:
        return kept, {}

    def build():
        server = serve(None, *contract.PATIENCE)
        client = contract.Client(server)
        results = {
            dataset: client.load_file(dataset, path.name, path.read_bytes())
            for dataset, path in demo_files
        }
        server.stop()
        return server.database, results

    return prepared("loaded", build)


@pytest.fixture(scope="session")
def serve_loaded(loaded, fresh_database, serve):
    """Function that serves a copy of ``loaded``."""
    return lambda: serve(fresh_database(loaded[0]), *contract.PATIENCE)


@pytest.fixture(scope="session")
def paying(prepared, serve_loaded):
    """Name of a database where two people pay: September is paid, October waits.

    With it wait the approved balances of the fiscal year that ended in June, in which
    nobody was paid.
    """

    def build():
        server = serve_loaded()
        paymasters.prepare(server)
        server.stop()
        return server.database, None

    return prepared("paying", build)[0]


@pytest.fixture(scope="session")
def serve_paying(paying, fresh_database, serve):
    """Function that serves a copy of ``paying``."""
    return lambda: serve(fresh_database(paying), *contract.PATIENCE)


@pytest.fixture(scope="session")
def demo(prepared, loaded, fresh_database):
    """Name of the database that ``scripts/demo`` builds, with Odoo's Sales."""

    def build():
        name = fresh_database(loaded[0])
        glue = paths.glue_addons()
        odoo.run_inside(
            *("template", "glue", name, *glue), log="demo_glue", what="Installing Sales"
        )
        odoo.stream_inside("demo", "build", name, log="demo_test", on_line=print)
        return name, None

    return prepared("demo", build)[0]


@pytest.fixture(scope="session")
def months_run(prepared, serve_loaded):
    """Name of the demo CAE with its ten months and a team; nobody changes it."""

    def build():
        server = serve_loaded()
        client = contract.Client(server)
        people.set_company(client)
        people.create_team(client)
        for month in contract.MONTHS:
            client.run(month)
        server.stop()
        return server.database, None

    return prepared("cooperative", build)[0]


@pytest.fixture(scope="session")
def cooperative(months_run, fresh_database, serve):
    """A copy of ``months_run``, served; read only."""
    return serve(fresh_database(months_run), *contract.PATIENCE)


@pytest.fixture(scope="session")
def browser():
    """Headless Chromium."""
    chromium = shutil.which("chromium")
    if not chromium:
        pytest.skip("no Chromium: install the system package chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        instance = playwright.chromium.launch(
            executable_path=chromium, args=CHROMIUM_OPTIONS
        )
        yield instance
        instance.close()


@pytest.fixture(scope="session")
def browser_of(browser):
    """Function that gives the browser of a user of a server, logged in once."""
    contexts = {}

    def login(server, login, password, size):
        key = server.url, server.database, login, size
        if key not in contexts:
            width, height = size
            contexts[key] = browser.new_context(
                viewport={"width": width, "height": height},
                locale="fr-FR",
                timezone_id="Europe/Paris",
            )
            page = contexts[key].new_page()
            # Its form shows when the scripts are there, which a server makes once.
            page.set_default_timeout(PATIENCE)
            page.goto(f"{server.url}/web/login?redirect=/web/health")
            page.fill("input[name=login]", login)
            page.fill("input[name=password]", password)
            page.click("button[type=submit]")
            page.wait_for_url(lambda url: "/web/login" not in url)
            page.close()
        return contexts[key]

    yield login
    for context in contexts.values():
        context.close()


@pytest.fixture
def open_page(browser_of):
    """Function that logs into a server and returns a new page at ``path``."""
    pages = []

    def login(server, login="admin", password=None, path="/odoo", size=(1400, 900)):
        page = browser_of(server, login, password or login, size).new_page()
        pages.append(page)
        page.goto(f"{server.url}{path}")
        return page

    yield login
    for page in pages:
        page.close()


@pytest.fixture
def screen_on(open_page):
    """Function that logs into a server and returns the user's ``Screen``."""

    def login(server, user):
        page = open_page(server, user, path="/web/health", size=SIZE)
        return Screen(page, server)

    return login


@pytest.fixture(params=list(portal.SIZES))
def size(request):
    """The name of a width; its pixels are in ``portal.SIZES``."""
    return request.param


@pytest.fixture
def portal_of(office, open_page, size):
    """Function that gives the portal of a person of the module's ``office``."""
    return lambda login: Screen(
        open_page(office, login, path="/web/health", size=portal.SIZES[size]), office
    )
