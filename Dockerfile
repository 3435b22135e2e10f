# Client build → environment with the wheel → slim runtime that runs as nobody in particular.
FROM node:22-bookworm-slim AS client
WORKDIR /src/static
COPY static/package.json static/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY static/ ./
RUN npm run build

# For the relay's hot path in C (rooms/csrc); the compiler stays behind in this stage.
FROM python:3.11-slim-bookworm AS compiler
RUN apt-get update \
 && apt-get install --yes --no-install-recommends gcc libc6-dev libssl-dev \
 && rm -rf /var/lib/apt/lists/*

FROM compiler AS environment
WORKDIR /src
RUN python -m venv /opt/dangxiao
ENV PATH=/opt/dangxiao/bin:$PATH
COPY requirements.lock ./
RUN python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock
COPY pyproject.toml README.md ./
COPY server/ server/
COPY rooms/ rooms/
COPY recordings/ recordings/
COPY --from=client /src/static/dist/ server/_client/
RUN python -m pip wheel --no-deps --no-build-isolation --wheel-dir /src/wheel . \
 && python -m pip install --no-cache-dir --no-deps --no-index /src/wheel/*.whl

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin dangxiao \
 && install -d -o dangxiao -g dangxiao /data
COPY --from=environment /opt/dangxiao/ /opt/dangxiao/
COPY deploy/healthcheck.py /opt/dangxiao/healthcheck.py
ENV PATH=/opt/dangxiao/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DANGXIAO_DATA=/data
USER dangxiao
WORKDIR /data
VOLUME /data
EXPOSE 8443/tcp 8080/tcp 8444/udp 8444/tcp
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["python", "/opt/dangxiao/healthcheck.py"]
ENTRYPOINT ["dangxiao"]
CMD ["serve"]
