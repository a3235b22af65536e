"""`/healthz`, `/readyz` and `/metrics` for those who run Tocsin; no word of any incident."""

from fastapi import APIRouter, Response
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot.store.counts import counts
from bot.store.schema import current_revision, head_revision
from bot.store.unit_of_work import Store, reading


def health_routes(store: Store) -> APIRouter:
    """Make the three routes."""
    router = APIRouter()

    @router.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @router.get("/readyz")
    def readyz(response: Response) -> dict[str, str]:
        try:
            with reading(store) as session:
                session.connection().execute(text("SELECT 1"))
            ready = current_revision(store.engine) == head_revision()
        except SQLAlchemyError:
            response.status_code = 503
            return {"status": "the database doesn't answer"}
        if not ready:
            response.status_code = 503
            return {"status": "the database needs `tocsin migrate`"}
        return {"status": "ready"}

    @router.get("/metrics")
    def metrics() -> Response:
        registry = CollectorRegistry()
        open_incidents = Gauge(
            "tocsin_incidents", "Incidents by status", ["status"], registry=registry
        )
        clocks = Gauge(
            "tocsin_clocks", "Clocks by kind and state", ["kind", "state"], registry=registry
        )
        with reading(store) as session:
            found = counts(session)
        for status, number in found.incidents.items():
            open_incidents.labels(status=status).set(number)
        for (kind, state), number in found.clocks.items():
            clocks.labels(kind=kind, state=state).set(number)
        return Response(content=generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return router
