"""Envo: a photo editor in a browser tab. `python app.py` starts it; `launch(share=True)` does in a notebook."""

import os
import sys
from typing import Any

import gradio as gr

from envo import settings
from envo.errors import UserError
from envo.library import Library
from tabs import account, edit, gallery, page, replace, restore
from tabs.routes import api, health, service
from tabs.theme import theme
from tabs.web import gradios, logs, metrics, proxies, server, static, stopping
from tabs.web.visitors import Visitors
from tabs.work import fetching, idle, warming
from tabs.work.mattes import MatteJobs
from tabs.work.trash import empty_trash_daily

BRAND = f'<div class="brand" role="img" aria-label="Envo">{page.MARK}</div>'
OF_THE_LOOK = {"theme", "css", "css_paths", "js", "head", "head_paths"}
"""Arguments of `launch` that may make the page load things from other sites."""


def build() -> gr.Blocks:
    """The page: a header, and one tab for each thing that works."""
    options = {"analytics_enabled": False, "fill_width": True, "fill_height": True}
    # What programs send is not kept: looked through every ten minutes.
    with server.Page(title=page.TITLE, delete_cache=(600, settings.UPLOAD_SECONDS), **options) as blocks:
        gr.HTML(BRAND, elem_id="brand", apply_default_css=False, js_on_load=None)
        with gr.Tabs(elem_id="tabs"):
            edit.build()
            replace.build()
            restore.build()
            gallery.build()
        service.add_endpoints()
        account.build(settings.auth())
    return blocks


def launch(**kwargs: Any) -> gr.Blocks:
    """Start the app.

    Args:
        kwargs: go to `gradio.Blocks.launch`, such as `share=True`, `auth=...` or `server_port=...`. What Envo sets
            itself gives way to them, but for `head` and what `app_kwargs` brings of routes, middleware and handlers of
            exceptions, which are added.

    Returns:
        The running page; in a script this returns when the app is stopped.

    Raises:
        UserError: the app is set up in a way that cannot be, such as `ENVO_AUTH` with a word that says nothing.

    """
    logs.install()
    metrics.serve()
    auth, _ = settings.auth(), settings.keep_days()  # what cannot be is told now
    if auth == "accounts" and (kwargs.get("auth") or kwargs.get("auth_dependency")):
        raise UserError(
            "ENVO_AUTH=accounts and launch(auth=...) are two ways to sign in; please leave one of them out."
        )
    given = kwargs.pop("root_path", None)
    root_path = proxies.root_path(os.environ.get("GRADIO_ROOT_PATH", "") if given is None else given)
    room = settings.visitor_bytes(_is_shared(kwargs.get("share")))
    library = Library(settings.home(), settings.database_url(), room, settings.storage())
    # What is uploaded to Gradio's own routes: in the shared folder that it takes else, others could read it.
    os.environ.setdefault("GRADIO_TEMP_DIR", str(settings.uploads()))
    visitors = Visitors(library.signing_keys(), root_path, library.accounts if auth == "accounts" else None)
    jobs = MatteJobs(library)
    empty_trash_daily(library)
    idle.watch()
    fetching.fetch_unasked()
    warming.begin()
    page.install()
    blocks = build()
    gradios.look_seldom(blocks)
    wait = not kwargs.pop("prevent_thread_lock", False)
    is_mcp = kwargs.pop("mcp_server", None)
    is_mcp = settings.is_mcp() if is_mcp is None else is_mcp
    routes = [static.route(), *api.routes(library, jobs, visitors), *service.routes(is_mcp), *health.routes(library)]
    # Whoever brings another look may load it from elsewhere.
    policy = None if OF_THE_LOOK & kwargs.keys() else server.POLICY
    app_kwargs = server.app_arguments(routes, visitors, kwargs.pop("app_kwargs", None), policy)
    defaults = {
        "theme": theme(),
        "footer_links": [],
        "ssr_mode": False,
        # Nobody is told how much the app is used, and no run is kept in a browser or on a hub.
        "enable_monitoring": False,
        "run_history": False,
        "mcp_server": False,  # ours says more of each tool
        "max_file_size": settings.MAX_FILE_BYTES,
        "favicon_path": page.ICON,
    }
    blocks.launch(
        root_path=root_path,
        prevent_thread_lock=True,
        app_kwargs=app_kwargs,
        _app=server.App(**app_kwargs),
        **defaults | kwargs,
    )
    # A shared page would load Gradio's scripts from a host of Gradio's; ours asks no other host for anything.
    blocks.share = False
    if wait and not _in_notebook():
        stopping.wait(blocks, library)
    return blocks


def _is_shared(share: bool | None) -> bool:
    """Tell whether Gradio makes a link for others: as it is told, else where nobody gets at the app without one."""
    if share is None:
        told = os.environ.get("GRADIO_SHARE", "").lower() == "true"
        return told or gr.utils.colab_check() or gr.utils.is_hosted_notebook()
    return bool(share)


def _in_notebook() -> bool:
    return gr.utils.ipython_check() or gr.utils.colab_check()


def main() -> None:
    """Start the app from the command line; what keeps it from starting is told in a sentence."""
    try:
        launch()
    except UserError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
