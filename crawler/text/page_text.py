"""Turn a page into page text: the main content as plain text, in the format of the sample files."""

from resiliparse.extract.html2text import extract_plain_text

from crawler.text.normalise import sanitise


def page_text(html: str) -> str:
    """Return the page's main content as lines: blocks apart by a blank line, list items as `  • item`.

    No-break spaces survive; pictures stand as their alternative text; menus, scripts and forms are gone.
    Control characters and lone surrogates are taken out, as the extractor refuses the latter.
    """
    text: str = extract_plain_text(sanitise(html), main_content=True)
    return sanitise(text)
