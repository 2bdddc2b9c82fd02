"""How the app is stopped: by Ctrl-C, or by SIGTERM, as service managers and containers do it."""

import os
import signal
import sys
import threading

import gradio as gr
from gradio.tunneling import CURRENT_TUNNELS

from envo.library import Library


class _Terminated(BaseException):
    """SIGTERM came."""


def wait(page: gr.Blocks, library: Library) -> None:
    """Wait until the app is stopped, and close its library. On SIGTERM, this ends the process.

    A program that has a handler of its own for SIGTERM keeps it.
    """
    may_handle = threading.current_thread() is threading.main_thread()
    if may_handle and signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _terminate)
    try:
        page.block_thread()
    except _Terminated:
        page.close(verbose=False)
        for tunnel in CURRENT_TUNNELS:
            tunnel.kill()
        library.close()
        sys.stdout.flush()
        sys.stderr.flush()
        # Python would wait for work under way, however long, and then stop threads inside networks, which crash.
        os._exit(0)
    finally:
        library.close()


def _terminate(number: int, frame: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it is being done
    raise _Terminated
