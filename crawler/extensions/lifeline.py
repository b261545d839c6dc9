"""Ends a crawl in order when the program that started it is gone, however that died."""

import logging
import os
import signal
import sys
import threading
import time
from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from crawler.config import LIFELINE_SETTING

logger = logging.getLogger(__name__)

LAST_S = 60.0
"""How long a crawl may take to stop: its last requests have 30 seconds."""


class Lifeline:
    """Waits, in a thread of its own, for the end of standard input: a pipe that the parent alone holds open.

    A pipe needs no asking and works everywhere; it also ends with a parent that was killed.
    """

    def __init__(self, descriptor: int) -> None:
        threading.Thread(target=self._wait, args=(descriptor,), name="lifeline", daemon=True).start()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Return the extension where the parent asked for it.

        Raises:
            NotConfigured: it did not.
        """
        if not crawler.settings.getbool(LIFELINE_SETTING):
            raise NotConfigured
        return cls(sys.stdin.fileno())

    @staticmethod
    def _wait(descriptor: int) -> None:
        while os.read(descriptor, 64):
            pass
        logger.warning("whoever started this crawl is gone; it stops")
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(LAST_S)
        os.kill(os.getpid(), signal.SIGKILL)
