# The app, as compose.yaml runs it: with the weights that it works with at once.
FROM python:3.11-bookworm

WORKDIR /srv/envo
COPY packages.txt ./
RUN apt-get update && xargs -a packages.txt apt-get install -y --no-install-recommends && rm -rf /var/lib/apt/lists/*
COPY Makefile requirements*.txt ./
RUN PIP_NO_CACHE_DIR=1 make setup

RUN useradd --create-home envo && install -d -o envo /var/lib/envo /var/cache/envo
ENV ENVO_HOME=/var/lib/envo ENVO_CACHE=/var/cache/envo GRADIO_SERVER_NAME=0.0.0.0 GRADIO_SERVER_PORT=7860
COPY . .
USER envo
RUN .venv/bin/python -m models.weights pull

EXPOSE 7860
VOLUME /var/lib/envo /var/cache/envo
# From the first to the last: it answers, and can do its work.
HEALTHCHECK --start-period=2m --start-interval=2s --interval=10s --timeout=10s \
    CMD [".venv/bin/python", "-c", "import urllib.request as web; web.urlopen('http://127.0.0.1:7860/readyz')"]
CMD [".venv/bin/python", "app.py"]
