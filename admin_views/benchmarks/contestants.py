"""The three web servers of the benchmark, each as its maker ships it: `python -m admin_views.benchmarks.contestants`.

product: this product. stock: Flask-Admin's own ModelView. django: Django's admin. All serve the same table through
waitress with four threads. The peers ask nobody to sign in, which spares them queries that the product pays for.
"""

from __future__ import annotations

import sys
from typing import Any

import waitress
from flask import Flask

from gecko import db as database
from gecko.config import Config
from gecko.models.customers import Customer
from jobs import web

COLUMNS = ("name", "number", "mobile", "email", "group", "postal_code", "city", "created_at")
PAGE = 50


def product(config: Config) -> Any:
    """This product, as `gecko web` serves it."""
    from app import create_app

    return create_app(config)


def stock(config: Config) -> Any:
    """A stock Flask-Admin view of customers: its own search, filters, sorts and templates."""
    from flask_admin import Admin
    from flask_admin.contrib.sqla import ModelView
    from flask_babel import Babel

    class Stock(ModelView):
        column_list = COLUMNS
        column_searchable_list = ("name", "number", "email", "telephone", "mobile")
        column_filters = ("group_id",)
        column_sortable_list = ("name", "number", "city", "created_at")
        page_size = PAGE
        can_create = can_edit = True
        form_columns = ("name",)

    app = Flask("stock")
    app.config.update(SECRET_KEY="benchmark", SQLALCHEMY_DATABASE_URI=config.database_url)  # noqa: S106
    Babel(app)
    database.init_app(app)
    Admin(app).add_view(Stock(Customer, database.db, endpoint="customer"))
    return app


def django(config: Config) -> Any:
    """Django's admin over the same table, as an unmanaged model."""
    from . import django_peer

    return django_peer.application(config.database_url)


CONTESTANTS = {"product": product, "stock": stock, "django": django}


def main() -> None:
    """Serve the contestant named on the command line on the port given there."""
    name, port = sys.argv[1], int(sys.argv[2])
    application = CONTESTANTS[name](Config.from_environment())
    if name == "product":
        web.settle()
    waitress.serve(application, host="127.0.0.1", port=port, threads=4, ident=None)


if __name__ == "__main__":
    main()
