"""What the environment says about ways out, and what it may not say."""

import pytest

from gecko.config import Config
from gecko.errors import ConfigError
from gecko.gateway_settings import GatewayApi, IntoFile, Security, Smtp, from_environment


@pytest.mark.parametrize(
    ("url", "meant"),
    [
        ("smtp+starttls://klinik:hem%40meligt@mail.example.dk",
         Smtp("mail.example.dk", 587, Security.STARTTLS, "klinik", "hem@meligt", "/ca.pem")),
        ("smtps://k:h@mail.example.dk", Smtp("mail.example.dk", 465, Security.TLS, "k", "h", "/ca.pem")),
        ("smtp://localhost:2525/", Smtp("localhost", 2525, Security.NONE, ca_file="/ca.pem")),
        ("smtp://relay", Smtp("relay", 25, Security.NONE, ca_file="/ca.pem")),
        ("smtp://k:h@127.0.0.1", Smtp("127.0.0.1", 25, Security.NONE, "k", "h", "/ca.pem")),
        ("file:", IntoFile()),
        ("", None),
    ],
)  # fmt: skip
def test_mail_urls(url, meant):
    assert from_environment({"MAIL_URL": url, "MAIL_CA_FILE": "/ca.pem"}).email == meant


@pytest.mark.parametrize(("given", "meant"), [("", 8), (" 1 ", 1), ("32", 32)])
def test_connections(given, meant):
    assert from_environment({"MAIL_URL": "smtp://relay", "MAIL_CONNECTIONS": given}).email.connections == meant


@pytest.mark.parametrize(
    ("url", "meant"),
    [("https://booking.example.dk/", "https://booking.example.dk"), ("http://localhost:8000", "http://localhost:8000"),
     ("", "")],
)  # fmt: skip
def test_where_customers_reach_it(url, meant):
    assert from_environment({"PUBLIC_URL": url}).public_url == meant


@pytest.mark.parametrize("url", ["http://booking.example.dk", "booking.example.dk", "https://a.dk/gecko", "ftp://a.dk"])
def test_addresses_at_which_customers_are_not_safe_or_not_served(url):
    with pytest.raises(ConfigError, match="PUBLIC_URL"):
        from_environment({"PUBLIC_URL": url})


@pytest.mark.parametrize(
    ("url", "meant"),
    [
        ("gatewayapi://T0k.en@messaging.gatewayapi.eu", GatewayApi("messaging.gatewayapi.eu", 443, "T0k.en")),
        ("gatewayapi+http://t@127.0.0.1:8099", GatewayApi("127.0.0.1", 8099, "t", encrypted=False)),
        ("file:", IntoFile()),
        ("", None),
    ],
)
def test_sms_urls(url, meant):
    assert from_environment({"SMS_URL": url}).sms == meant


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MAIL_URL", "smtp://k:h@mail.example.dk"),  # a password in the clear
        ("MAIL_URL", "http://mail.example.dk"),
        ("MAIL_URL", "smtps://"),
        ("MAIL_URL", "smtps://host:99999"),
        ("MAIL_URL", "smtps://host:0"),
        ("MAIL_URL", "smtps://host/inbox"),
        ("MAIL_CONNECTIONS", "0"),
        ("MAIL_CONNECTIONS", "33"),
        ("MAIL_CONNECTIONS", "four"),
        ("SMS_URL", "gatewayapi://messaging.gatewayapi.eu"),  # no token
        ("SMS_URL", "gatewayapi+http://t@messaging.gatewayapi.eu"),  # a token in the clear
        ("SMS_URL", "https://t@messaging.gatewayapi.eu"),
        ("BOUNCE_DOMAIN", "bounces@example.dk"),
    ],
)
def test_what_is_not_safe_is_refused_without_telling_the_secret(name, value):
    with pytest.raises(ConfigError) as refused:
        from_environment({name: value})
    assert name in str(refused.value)
    assert "k:h" not in str(refused.value)


def test_the_settings_of_an_installation(monkeypatch, tmp_path):
    monkeypatch.setenv("MAIL_URL", "smtps://k:hemmeligt@mail.example.dk")
    monkeypatch.setenv("SMS_URL", "gatewayapi://hemmeligt@messaging.gatewayapi.eu")
    monkeypatch.setenv("SMS_WEBHOOK_SECRET", "hemmeligt")
    monkeypatch.setenv("BOUNCE_DOMAIN", "Bounces.Example.DK")
    config = Config.from_environment(tmp_path)
    assert config.gateways.bounce_domain == "bounces.example.dk"
    assert config.gateways.webhook_secret == "hemmeligt"
    assert "hemmeligt" not in repr(config)
