"""What one rendered page may cost; times in seconds."""

from typing import Final

HEAD_S: Final = 10.0
START_S: Final = 30.0
"""For the browser to come up."""
ALIVE_S: Final = 5.0
"""For a browser that is asked whether it is still there."""
PATIENCE_S: Final = 15.0
"""For scripts to draw what is awaited, from when the last of their requests was answered."""
REST_S: Final = 5.0
"""For scripts to be done with their requests, once what is awaited is there."""
LONGEST_S: Final = 600.0
"""For a page in all, the pauses before its requests included."""
MOST_PARTS: Final = 60
"""Requests of one page beside its own."""
MOST_BYTES: Final = 3 * 1024 * 1024
"""Of a rendered page."""
KEPT_BYTES: Final = 32 * 1024 * 1024
"""Of scripts, which the pages of one crawl share."""
PAGES_A_BROWSER: Final = 100
"""After so many pages a new browser is started: they grow."""
SIDE_BY_SIDE: Final = 4
"""Pages in the browser at the same time."""
