"""Django's admin, set up in code over our customer table (a peer to measure against, no part of the product)."""

from __future__ import annotations

from typing import Any

from sqlalchemy.engine import make_url


class Everybody:
    """Middleware: the request comes from a signed-in superuser, without a query."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        """Set the user and go on."""
        from django.contrib.auth.models import User

        request.user = User(pk=1, username="bench", is_staff=True, is_superuser=True, is_active=True)
        return self.get_response(request)


def _database(url: str) -> dict[str, Any]:
    parts = make_url(url)
    if parts.get_backend_name() == "sqlite":
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": parts.database}
    host = parts.query.get("host") or parts.host or ""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.database,
        "USER": parts.username or "",
        "PASSWORD": parts.password or "",
        "HOST": host,
        "PORT": parts.port or "",
        "CONN_MAX_AGE": None,
    }


def application(url: str) -> Any:
    """The WSGI application; needs Django, which only developers install."""
    _configure(url)
    from django.contrib import admin
    from django.core.wsgi import get_wsgi_application
    from django.urls import path

    class PersonAdmin(admin.ModelAdmin):
        list_display = ("name", "number", "mobile", "email", "group", "postal_code", "city", "created_at")
        list_select_related = ("group",)
        list_filter = ("group",)
        search_fields = ("name", "number", "email", "telephone", "mobile")
        list_per_page = 50

    admin.site.register(_person(), PersonAdmin)
    urlpatterns.append(path("admin/", admin.site.urls))
    return get_wsgi_application()


def _configure(url: str) -> None:
    import django
    from django.conf import settings

    settings.configure(
        SECRET_KEY="benchmark",  # noqa: S106
        DEBUG=False,
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=__name__,
        INSTALLED_APPS=["django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes",
                        "django.contrib.messages", "django.contrib.staticfiles"],
        MIDDLEWARE=["django.middleware.common.CommonMiddleware", "django.middleware.csrf.CsrfViewMiddleware",
                    f"{__name__}.Everybody", "django.contrib.messages.middleware.MessageMiddleware"],
        MESSAGE_STORAGE="django.contrib.messages.storage.cookie.CookieStorage",
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True,
                    "OPTIONS": {"context_processors": ["django.template.context_processors.request",
                                                       "django.contrib.auth.context_processors.auth",
                                                       "django.contrib.messages.context_processors.messages"]}}],
        DATABASES={"default": _database(url)},
        USE_TZ=True,
        STATIC_URL="/static/",
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    )  # fmt: skip
    django.setup()


def _person() -> Any:
    from django.db import models

    class Department(models.Model):
        name = models.CharField(max_length=200)

        class Meta:
            managed = False
            db_table = "customer_group"
            app_label = "auth"

        def __str__(self) -> str:
            return str(self.name)

    class Person(models.Model):
        group = models.ForeignKey(Department, models.DO_NOTHING)
        name = models.CharField(max_length=200)
        number = models.CharField(max_length=50, null=True)
        mobile = models.CharField(max_length=50, null=True)
        telephone = models.CharField(max_length=50, null=True)
        email = models.CharField(max_length=200, null=True)
        postal_code = models.CharField(max_length=20, null=True)
        city = models.CharField(max_length=200, null=True)
        created_at = models.DateTimeField()

        class Meta:
            managed = False
            db_table = "customer"
            app_label = "auth"

        def __str__(self) -> str:
            return str(self.name)

    return Person


urlpatterns: list[Any] = []
