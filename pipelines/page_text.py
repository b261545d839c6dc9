"""Makes the page text of what is kept: the dearest step of reading, so nothing else has it."""

import attrs

from crawler.items import Article
from crawler.text.page_text import page_text


class PageTextPipeline:
    """Fill in the page text, of all parts of a split article, in the format of plain-text exports."""

    def process_item(self, item: Article) -> Article:
        text = "\n\n".join(page_text(html) for html in item.pages)
        return attrs.evolve(item, page_text=text, pages=())
