"""Reports are posted until they are answered, whatever happens to the one who gets them."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from gecko.gateway_settings import GatewayApi
from gecko.gateways.outcomes import Accepted, Unknown
from gecko.gateways.sms import webhooks
from gecko.gateways.sms.gatewayapi import GatewayApiProvider
from gecko.gateways.sms.webhooks import Status
from jobs.chaos.sms_fake import TOKEN, Mode, SmsFake
from jobs.chaos.sms_reports import Reporter
from tests.gecko.gateways.mails import Gate, sms
from tests.jobs.processes import eventually

SECRET = "aftalt"


class Webhook(BaseHTTPRequestHandler):
    """Keeps the books as an installation would; fails with 503 as often as it is told to."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        books = self.server.books
        if not webhooks.is_genuine(SECRET, body, self.headers["Signature"]):
            books["forged"] += 1
            self.send_response(403)
        elif books["failures"]:
            books["failures"] -= 1
            self.send_response(503)
        else:
            event = webhooks.parse(body)
            books["came"].append(event.event_id)
            states = books["states"]
            states[event.reference] = webhooks.advance(states.get(event.reference), event)
            self.send_response(204)
        self.end_headers()

    def log_message(self, *_args):
        """Silent."""


@contextmanager
def webhook(failures=0):
    with ThreadingHTTPServer(("127.0.0.1", 0), Webhook) as server:
        server.books = {"forged": 0, "failures": failures, "came": [], "states": {}}
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/webhooks/sms", server.books
        finally:
            server.shutdown()
            thread.join()


def test_every_report_comes_at_least_twice_in_any_order_and_forged_ones_beside_them():
    with webhook() as (url, books), Reporter(url, SECRET) as reporter, SmsFake(reporter=reporter) as fake:
        gateway = GatewayApiProvider(GatewayApi("127.0.0.1", fake.port, TOKEN, encrypted=False))
        for number in range(20):
            assert isinstance(gateway.send(sms(reference=f"r-{number}"), Gate()), Accepted)
        gateway.close()
        eventually(reporter.is_quiet)
    assert books["states"] == {f"r-{number}": Status.DELIVERED for number in range(20)}
    assert (len(books["came"]), len(set(books["came"]))) == (120, 60)
    assert books["forged"] > 0
    assert (reporter.answered, reporter.forged_accepted) == (120, 0)


def test_a_text_that_is_unknown_to_the_sender_is_told_of_by_its_reference():
    with webhook() as (url, books), Reporter(url, SECRET) as reporter:
        with SmsFake(mode=Mode.ERROR_AFTER, reporter=reporter) as fake:
            gateway = GatewayApiProvider(GatewayApi("127.0.0.1", fake.port, TOKEN, encrypted=False))
            assert isinstance(gateway.send(sms(), Gate()), Unknown)
            gateway.close()
        eventually(reporter.is_quiet)
    assert books["states"] == {"r-1": Status.DELIVERED}


def test_a_report_is_repeated_until_it_is_answered():
    with webhook(failures=3) as (url, books), Reporter(url, SECRET) as reporter:
        reporter.report("r-1", "DELIVERED", msg_id="M", recipient=4520123456)
        eventually(reporter.is_quiet)
    assert (books["failures"], len(books["came"])) == (0, 2)


def test_nothing_is_told_of_a_text_that_was_not_taken():
    with webhook() as (url, books), Reporter(url, SECRET) as reporter:
        with SmsFake(mode=Mode.ERROR_BEFORE, reporter=reporter) as fake:
            gateway = GatewayApiProvider(GatewayApi("127.0.0.1", fake.port, TOKEN, encrypted=False))
            assert isinstance(gateway.send(sms(), Gate()), Unknown)
            gateway.close()
        assert reporter.is_quiet()
    assert books["came"] == []
