"""`gecko serve` as people run it: real processes, a real port, a real queue."""

import http.client
import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import click
import pytest
from redis import Redis

from gecko.config import Config
from gecko.db import db, transaction
from gecko.errors import ConfigError
from gecko.gateway_settings import IntoFile
from gecko.models.jobs import JobRun, JobState
from gecko.operations import demo, job_runs, settings
from gecko.operations.demo import staff
from jobs import embedded, queue
from jobs.commands import servers
from tests import factories
from tests.conftest import make_app
from tests.jobs.processes import children, descendants, eventually, is_alive

ROOT = Path(__file__).parents[2]


@contextmanager
def gecko(*arguments, instance, **environment):
    """A running `gecko` command; yields the process and the lines of what it prints until it says where it is."""
    clean = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL"} and not k.startswith("COV")}
    log = (instance / "log").open("ab")
    process = subprocess.Popen(
        [sys.executable, "-m", "app", *arguments],
        cwd=ROOT,
        env={**clean, "PYTHONPATH": str(ROOT), "GECKO_INSTANCE": str(instance), **environment},
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
    )
    try:
        said = []
        for line in process.stdout:
            said.append(line)
            if "Gecko is at" in line:
                break
        yield process, "".join(said)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(timeout=40)
        process.stdout.close()
        log.close()


@pytest.fixture
def instance(tmp_path):
    folder = tmp_path / "instance"
    folder.mkdir(mode=0o700)
    return folder


def port_of(said):
    return int(re.search(r"http://127\.0\.0\.1:(\d+)/", said)[1])


def get(port, path="/"):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


def app_of(instance, redis_url=None):
    return make_app(instance, f"sqlite:///{instance / 'gecko.db'}", redis_url or f"unix://{instance / 'queue.sock'}")


def test_one_command_serves_does_jobs_heals_and_stops(instance):
    with gecko("serve", "--port", "0", instance=instance) as (process, said):
        port = port_of(said)
        assert get(port) == 303  # to the log-in page
        assert (instance / "queue.sock").stat().st_mode & 0o777 == 0o600
        app = app_of(instance)
        with app.app_context():
            eventually(lambda: Redis.from_url(app.config["GECKO"].redis_url).ping())
            with transaction():
                run_id = job_runs.create(kind="housekeeping.statistics", key="k", parameters={}, user_id=None)
            assert queue.wake(run_id)

            def done():
                db.session.rollback()
                return db.session.get(JobRun, run_id, populate_existing=True).state == JobState.DONE

            eventually(done)
            db.session.remove()
            db.engine.dispose()
        before = children(process.pid)
        assert len(before) == 5  # queue, web, worker, sender, beat
        for child in before:
            os.kill(child, signal.SIGKILL)
        eventually(lambda: len(children(process.pid)) == 5 and not set(before) & set(children(process.pid)))
        assert get(port) == 303
        everyone = descendants(process.pid)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=40) == 0
    assert not [pid for pid in everyone if is_alive(pid)]


def test_killing_the_parent_leaves_no_orphan(instance):
    with gecko("serve", "--port", "0", instance=instance) as (process, _said):
        everyone = eventually(lambda: (found := descendants(process.pid)) and len(found) >= 5 and found)
        process.kill()
        eventually(lambda: not [pid for pid in everyone if is_alive(pid)], 10)


def test_a_second_one_on_the_same_instance_is_refused(instance):
    with gecko("serve", "--port", "0", instance=instance):
        with gecko("serve", "--port", "0", instance=instance) as (second, said):
            assert second.wait(timeout=30) == 1
            assert said == ""
        assert b"Another `gecko serve` runs" in (instance / "log").read_bytes()


def test_with_redis_url_no_server_is_started(instance, redis_url):
    with gecko("serve", "--port", "0", instance=instance, REDIS_URL=redis_url) as (process, said):
        assert get(port_of(said)) == 303
        eventually(lambda: len(children(process.pid)) == 4)
        assert not (instance / "queue.sock").exists()


def test_a_long_instance_path_has_its_socket_elsewhere(tmp_path):
    short = Config.from_environment(tmp_path / "i")
    long = Config.from_environment(tmp_path / ("x" * 120))
    assert embedded.socket_path(short) == tmp_path / "i" / "queue.sock"
    socket = embedded.socket_path(long)
    assert len(str(socket)) < 108
    try:
        embedded.prepare(long)
        assert socket.parent.stat().st_mode & 0o777 == 0o700
        socket.parent.chmod(0o755)
        with pytest.raises(ConfigError):
            embedded.prepare(long)
    finally:
        socket.parent.rmdir()


def test_the_demo_shows_its_accounts_and_ignores_a_real_database(instance):
    foreign = f"sqlite:///{instance / 'real.db'}"
    with gecko("demo", "--port", "0", instance=instance, DATABASE_URL=foreign) as (_process, said):
        connection = http.client.HTTPConnection("127.0.0.1", port_of(said), timeout=20)
        connection.request("GET", "/login")
        page = connection.getresponse().read().decode()
        connection.close()
        assert "first administrator" not in said
    for account in staff.ACCOUNTS:
        assert account[0] in page
    assert staff.PASSWORD in page
    assert not (instance / "real.db").exists()
    assert not (instance / "demo-unfinished").exists()


def test_no_message_leaves_a_demo(monkeypatch, tmp_path):
    for name, value in {
        "GECKO_INSTANCE": str(tmp_path),
        "DATABASE_URL": "postgresql://host/real",
        "REDIS_URL": "redis://host",
        "MAIL_URL": "smtps://user:password@mail.example.dk",
        "SMS_URL": "gatewayapi://token@messaging.gatewayapi.eu",
    }.items():
        monkeypatch.setenv(name, value)
    servers.keep_apart(8000)
    config = Config.from_environment()
    assert (config.gateways.email, config.gateways.sms) == (IntoFile(), IntoFile())
    assert config.database_url == f"sqlite:///{tmp_path / 'gecko.db'}"


def test_a_demo_that_was_broken_off_is_made_anew(sqlite_app, tmp_path, monkeypatch):
    monkeypatch.setattr(demo, "build", lambda _papers: staff.build() and 1 / 0)
    with pytest.raises(ZeroDivisionError):
        servers.fill_demo(tmp_path / "unfinished")
    monkeypatch.setattr(demo, "build", lambda _papers: staff.build())
    servers.fill_demo(tmp_path / "unfinished")
    assert [account["username"] for account in settings.get("demo.accounts")] == [row[0] for row in staff.ACCOUNTS]
    assert not (tmp_path / "unfinished").exists()


def test_the_demo_keeps_out_of_an_installation_in_use(sqlite_app, tmp_path):
    factories.user(username="ida")
    with pytest.raises(click.ClickException, match="in use"):
        servers.fill_demo(tmp_path / "unfinished")
    assert not demo.stands()
    assert not (tmp_path / "unfinished").exists()  # or the next start would take the database back to nothing


def test_a_new_installation_offers_the_first_administrators_link(instance):
    with gecko("serve", "--port", "0", instance=instance) as (_process, said):
        path = re.search(r"http://127\.0\.0\.1:\d+(/link/\S+)", said)[1]
        assert get(port_of(said), path) == 200
