# Build: docker build -t tocsin .
# Run:   docker run --hostname tocsin --env-file .env -v tocsin-data:/data -p 127.0.0.1:8071:8071 tocsin
# Keep the host name: after a restart a process takes up the jobs that were left under its name.

FROM python:3.11-slim-bookworm AS build

WORKDIR /src
RUN python -m venv /opt/tocsin
ENV PATH=/opt/tocsin/bin:$PATH PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1

# Everything pinned by hash, the build backend among it; wheels only, so that no compiler is needed.
COPY requirements.lock ./
RUN pip install --require-hashes --only-binary=:all: -r requirements.lock

COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY evidence_store evidence_store
COPY playbooks playbooks
COPY notification_templates notification_templates
RUN python -m hatchling build -t wheel -d /dist \
 && pip install --no-deps --no-index /dist/tocsin-*.whl


FROM python:3.11-slim-bookworm

# WeasyPrint draws with Pango, HarfBuzz and Fontconfig. libharfbuzz-subset0 makes PDFs about five
# times faster, and the same text gives the same bytes. Fonts travel with the templates.
# Legal deadlines are counted in local time: tzdata brings the newest rules of the time zones.
ARG DEBIAN_FRONTEND=noninteractive
RUN apt-get update \
 && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 tzdata \
 && rm -rf /var/lib/apt/lists/*

# The evidence key lies in /data and must be its owner's alone: the user's number stays the same.
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin tocsin \
 && install -d -o tocsin -g tocsin -m 0700 /data

COPY --from=build /opt/tocsin /opt/tocsin

ENV PATH=/opt/tocsin/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    XDG_CACHE_HOME=/tmp \
    TOCSIN_DATA_DIR=/data

USER tocsin
WORKDIR /data
VOLUME /data
EXPOSE 8071

HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8071/healthz', timeout=4)"]

ENTRYPOINT ["tocsin"]
CMD ["serve", "--host", "0.0.0.0"]
