"""Scrapy settings, by concern. The operator's own choices come from `crawler.config`."""

import sys

# First of all: Scrapy looks through every loaded module when it loads this one, so that doing it later adds
# a third of a second to each start of a crawl.
import scrapy.core.downloader.contextfactory  # noqa: F401

from crawler import agent
from crawler.config import load_config
from crawler.errors import ConfigError

try:
    CONFIG = load_config()
except ConfigError as error:
    sys.exit(f"pantau: {error}")

# --- The project
BOT_NAME = "pantau"
SPIDER_MODULES = ["spiders"]
NEWSPIDER_MODULE = "spiders"
COMMANDS_MODULE = "crawler.commands"  # `scrapy crawl` ends with a non-zero status when the run is not healthy
LOG_LEVEL = CONFIG.log_level
LOGSTATS_INTERVAL = 60.0

# --- Who we are, and how gently we ask
USER_AGENT = agent.plain(CONFIG.contact)
ROBOTSTXT_OBEY = True
ROBOTSTXT_USER_AGENT = agent.PRODUCT  # outlets bar Scrapy's own token by name; ours is what we answer to
DOWNLOAD_DELAY = CONFIG.delay_s
DOWNLOAD_DELAY_JITTER = 0  # the configured delay is a floor; a varied one would go below it
CONCURRENT_REQUESTS = 16
CONCURRENT_REQUESTS_PER_DOMAIN = 1 if CONFIG.delay_s else 16
AUTOTHROTTLE_ENABLED = CONFIG.delay_s > 0  # slower still where the outlet answers slowly
AUTOTHROTTLE_START_DELAY = CONFIG.delay_s
AUTOTHROTTLE_MAX_DELAY = 60.0
AUTOTHROTTLE_TARGET_CONCURRENCY = 1.0
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "id,en;q=0.5",
}

# --- What a server may do to us
DOWNLOAD_TIMEOUT = 30
DOWNLOAD_MAXSIZE = 5 * 1024 * 1024
DOWNLOAD_WARNSIZE = 0
URLLENGTH_LIMIT = 0  # drops without a word; the guard refuses long addresses by name
DOWNLOAD_VERIFY_CERTIFICATES = True  # off in Scrapy's defaults
DOWNLOAD_HANDLERS = {
    "http": "crawler.pace.PacedHandler",  # Scrapy's, with a cap on headers and a pause for each host
    "https": "crawler.pace.PacedHandler",
    "data": None,  # no local file, no other protocol
    "file": None,
    "ftp": None,
    "s3": None,
}
COOKIES_ENABLED = False  # nothing here needs a session; it also asks the network for a list of suffixes
REFERER_ENABLED = False
REDIRECT_MAX_TIMES = 10
METAREFRESH_ENABLED = False  # a page that only refreshes elsewhere is no article
RETRY_TIMES = 2
RETRY_PAUSE_S = 5 * CONFIG.delay_s  # before the first retry; twice that before the second
TELNETCONSOLE_ENABLED = False  # runs code for whoever connects
REMOTE_CONTROL_ENABLED = False  # the same, over HTTP, and on by default

# --- How the parts are put together
CONCURRENT_ITEMS = 8  # Scrapy starts this many tasks for each response: its 100 cost half the speed
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"  # the frontier table knows what was seen
DOWNLOADER_MIDDLEWARES = {
    # From the engine to the wire. Scrapy's own offsite, robots and compression parts give way to stricter.
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
    "crawler.middlewares.guard.GuardMiddleware": 60,  # judges every request, redirects and robots.txt too
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "crawler.middlewares.robots.RobotsMiddleware": 100,  # fails closed
    "crawler.middlewares.backoff.BackoffMiddleware": 530,  # a failed request does not come back at once
    "crawler.middlewares.blocked.BlockedMiddleware": 540,  # after retries, which have had their chance
    "crawler.middlewares.retry_after.RetryAfterMiddleware": 560,  # before retries: they wait as told
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "crawler.middlewares.compression.CompressionMiddleware": 590,  # half a text never passes for a whole one
    "crawler.middlewares.guard.WireMiddleware": 800,  # who answered, and where it leads
    "crawler.middlewares.archive.ArchiveMiddleware": 950,  # next to the wire: raw, before anything reads it
}
READING_PIPELINES = {  # what a page is read as depends on these alone: a replay of the archive runs them
    "pipelines.clean.CleanPipeline": 300,
    "pipelines.relevance.RelevancePipeline": 400,
    "pipelines.page_text.PageTextPipeline": 600,
}
ITEM_PIPELINES = READING_PIPELINES | {
    "pipelines.window.WindowPipeline": 350,
    "pipelines.storage.StoragePipeline": 900,
}
ADDONS = {"crawler.rendering.addon.RenderingAddon": 500}  # a browser, for outlets that say `render = True`
REREADER = "crawler.replay.reading.Rereader"  # reads archived pages again
EXTENSIONS = {
    "crawler.extensions.lifeline.Lifeline": 100,  # no crawl outlives the command that started it
    "crawler.extensions.run_recorder.RunRecorder": 500,
}
SPIDER_CONTRACTS = {"crawler.contracts.SampleContract": 10}
TWISTED_DNS_RESOLVER = "crawler.resolver.GuardResolver"  # only judged addresses reach a socket
ROBOTS_CACHE = "crawler.middlewares.robots_store.StoredRobotsCache"
TOPICS = list(CONFIG.topics)
