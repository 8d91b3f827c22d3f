"""Binds a booklet: cover, contents with page numbers, chapters that each begin on a page of their own.

The printer can't number a table of contents. So chapters are printed first and counted, then the contents, in which
``@@page:3@@`` stands for the page on which the third chapter begins.
"""

import io
import re
from typing import NamedTuple

from odoo.tools.pdf import PdfFileReader, PdfFileWriter

PART = re.compile(r'data-kams-part="(cover|contents|chapter)"')
PLACE = re.compile(r"@@page:(\d+)@@")


class Booklet(NamedTuple):
    """What the printer gets for one record, in order."""

    cover: str
    contents: str
    chapters: list


def split(bodies):
    """The printer's pages by booklet; a cover begins a new one.

    >>> bodies = ['<p data-kams-part="%s">' % part for part in ("cover", "contents", "chapter", "chapter", "cover")]
    >>> [(len(one.chapters), bool(one.contents)) for one in split(bodies)]
    [(2, True), (0, False)]
    """
    booklets = []
    for body in bodies:
        part = PART.search(body).group(1)
        if part == "cover":
            booklets.append({"cover": body, "contents": "", "chapters": []})
        elif part == "contents":
            booklets[-1]["contents"] = body
        else:
            booklets[-1]["chapters"].append(body)
    return [Booklet(**booklet) for booklet in booklets]


def numbered(contents, first_pages):
    """The table of contents with the pages on which chapters begin.

    >>> numbered("1 @@page:1@@, 2 @@page:2@@", [3, 7])
    '1 3, 2 7'
    """
    return PLACE.sub(lambda found: str(first_pages[int(found.group(1)) - 1]), contents)


def begins(counts, before):
    """On which pages chapters of so many pages begin, after so many pages.

    >>> begins([2, 1, 4], 2)
    [3, 5, 6]
    """
    places = []
    for count in counts:
        places.append(before + 1)
        before += count
    return places


def bind(booklet, print_one):
    """One PDF file of a booklet.

    :param print_one: a function that prints a page's HTML as a PDF file
    """
    cover = print_one(booklet.cover)
    chapters = [print_one(body) for body in booklet.chapters]
    counts = [pages(content) for content in chapters]
    contents, length = [], 1
    if booklet.contents:
        for _attempt in range(2):  # a second time if the contents themselves need more than a page
            first = begins(counts, pages(cover) + length)
            contents = [print_one(numbered(booklet.contents, first))]
            if pages(contents[0]) == length:
                break
            length = pages(contents[0])
    return join([cover, *contents, *chapters])


def pages(content):
    return PdfFileReader(io.BytesIO(content)).numPages


def join(documents):
    writer = PdfFileWriter()
    for content in documents:
        document = PdfFileReader(io.BytesIO(content))
        for number in range(document.numPages):
            writer.addPage(document.getPage(number))
    joined = io.BytesIO()
    writer.write(joined)
    return joined.getvalue()
