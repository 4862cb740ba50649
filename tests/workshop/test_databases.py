"""Copies of databases, on the real server."""

import contextlib
import os
import time

import pytest
from caetools import databases, demo, dumps, paths, postgres, setup
from caetools.demo import read_state
from caetools.ui import Problem


@pytest.fixture
def names(tmp_path, monkeypatch):
    """Three names of databases that are dropped afterwards."""
    monkeypatch.setattr(paths, "DATA", tmp_path / "data")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    found = [f"cae_ws_{os.getpid()}_{number}" for number in range(3)]
    yield found
    for name in found:
        databases.drop(name)


@pytest.fixture
def source(names):
    """A database with a table of one row and a stored file."""
    postgres.query(f'CREATE DATABASE "{names[0]}"')
    postgres.query("CREATE TABLE thing AS SELECT 42 AS number", names[0])
    store(names[0]).mkdir(parents=True)
    (store(names[0]) / "file").write_text("content")
    return names[0]


def store(name):
    return paths.DATA / "filestore" / name


def content(name):
    return postgres.query("SELECT number FROM thing", name), [
        path.read_text() for path in store(name).iterdir()
    ]


def test_a_copy_has_the_rows_and_the_files(source, names):
    databases.clone(source, names[1])
    assert content(names[1]) == content(source) == (["42"], ["content"])


def test_a_renamed_database_replaces_the_one_of_that_name(source, names):
    databases.clone(source, names[1])
    postgres.query("UPDATE thing SET number = 7", names[1])
    databases.rename(names[1], source)
    assert content(source) == (["7"], ["content"])
    assert not databases.exists(names[1])


def test_a_dropped_database_takes_its_files_along(source):
    databases.drop(source)
    assert not databases.exists(source)
    assert not store(source).exists()


def test_another_checkout_finds_what_was_kept(source, names):
    if postgres.external():
        pytest.skip("PGHOST names a server of the user's")
    dumps.save(source, store(source))
    databases.drop(source)
    assert dumps.restore(source, names[1], store(names[1]))
    assert content(names[1]) == (["42"], ["content"])


def test_a_damaged_copy_is_not_used_and_goes(source, names):
    if postgres.external():
        pytest.skip("PGHOST names a server of the user's")
    dumps.save(source, store(source))
    (dumps._folder(source) / "dump").write_bytes(b"half")
    assert not dumps.restore(source, names[1], store(names[1]))
    assert not dumps._folder(source).exists()


def test_a_failed_statement_says_what_the_server_said():
    with pytest.raises(Problem, match="relation .nothing. does not exist"):
        postgres.query("SELECT * FROM nothing")


def test_a_database_of_another_use_is_no_demo(source):
    with pytest.raises(Problem, match="exists and is not a demo") as caught:
        read_state(source)
    assert "--reset" in caught.value.hint


@pytest.mark.parametrize("name", ["", " ", "my demo", "é", "1a", "a" * 51, 'a"b', "-x"])
def test_a_name_that_is_none_is_refused_in_words(name, capsys):
    for parser in (demo._parser(), setup._parser()):
        with pytest.raises(SystemExit):
            parser.parse_args([f"--database={name}"])
        assert "is no name for a database" in capsys.readouterr().err


def test_a_plain_name_is_taken():
    assert demo._parser().parse_args(["--database", "cae_2-b"]).database == "cae_2-b"


def test_stopping_tells_which_databases_are_in_use(source, monkeypatch, capsys):
    psycopg2 = pytest.importorskip("psycopg2")
    monkeypatch.setattr(postgres, "stop", lambda: True)
    monkeypatch.setattr(postgres, "running", lambda: True)
    for variable, value in postgres.environment().items():
        monkeypatch.setenv(variable, value)
    with contextlib.closing(psycopg2.connect(dbname=source)):
        setup.stop()
        assert source in capsys.readouterr().err
    wait_until_left(source)
    setup.stop()
    assert source not in capsys.readouterr().err


def wait_until_left(name):
    """The server notices a moment later that somebody hung up."""
    for _look in range(100):
        if name not in databases.in_use():
            return
        time.sleep(0.1)


def test_addons_beside_an_optional_app_are_in_a_template_of_their_own():
    assert "cae_sale" in paths.glue_addons()
    assert "cae_sale" not in paths.our_addons()
    assert databases.glue_template().startswith(databases.GLUE_PREFIX)
