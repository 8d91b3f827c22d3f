"""Puts printed pages together: head, mark, foot and page numbers on each, several documents in one file.

The slips with heads, marks and feet become drawings that the pages refer to: no page is taken apart, so this costs
next to nothing, and a slip is in the file once however many pages show it. Method names are those that all the PDF
libraries have that Odoo may run on (``odoo.tools.pdf``).
"""

import io

from odoo.tools.pdf import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    PdfFileReader,
    PdfFileWriter,
)

MM = 72 / 25.4
STRIP_MM, LINE_MM = 30, 10  # height of a slip, and of what is on it of a head or foot
HEAD_MM, FOOT_MM = 9, 13  # where head and foot begin: from the top, from the bottom
MARGIN_MM = 16
COS, SIN = 0.819, 0.574  # the mark rises by 35°
# Helvetica, which every reader of PDF files has: widths of its signs in thousandths
NUMBER_SIZE, DIGIT, SPACE = 8, 556, 278


def page_width_mm(content):
    """The width of a printed document's first page."""
    return round(_size(PdfFileReader(io.BytesIO(content)))[0] / MM)


def assemble(documents, heads, feet, covers=False):
    """One PDF of all printed documents, with their slips and page numbers.

    :param documents: contents of PDF files
    :param heads: a PDF file that has, per document, a page with the head and one with the mark
    :param feet: a PDF file that has a page with the foot per document
    :param covers: whether the first page of each is a cover, without foot and number
    """
    writer = PdfFileWriter()
    heads, feet = (PdfFileReader(io.BytesIO(content)) for content in (heads, feet))
    shared = {
        "/Font": {
            "/KamsNumber": _reference(writer, _dictionary(Type="/Font", Subtype="/Type1", BaseFont="/Helvetica"))
        },
        # what is drawn with it darkens what is below, as ink does: the printer paints its paper white
        "/ExtGState": {"/KamsInk": _reference(writer, _dictionary(Type="/ExtGState", BM="/Multiply"))},
    }
    for place, content in enumerate(documents):
        document = PdfFileReader(io.BytesIO(content))
        count = document.numPages
        width, height = _size(document)
        slips = {
            "/KamsHead": _drawing(writer, heads.getPage(2 * place), LINE_MM),
            "/KamsMark": _drawing(writer, heads.getPage(2 * place + 1), STRIP_MM),
            "/KamsFoot": _drawing(writer, feet.getPage(place), LINE_MM),
        }
        for number in range(1, count + 1):
            commands = [f"/KamsInk gs {_slanted(width, height)} cm /KamsMark Do"]
            if number > 1 or not covers:
                commands += [
                    f"1 0 0 1 0 {(FOOT_MM - STRIP_MM) * MM:.2f} cm /KamsFoot Do",
                    _page_number(f"{number} / {count}", width),
                ]
            if number > 1:  # the first page begins with the title itself
                commands.append(f"1 0 0 1 0 {height - (HEAD_MM + STRIP_MM) * MM:.2f} cm /KamsHead Do")
            _draw(writer, document.getPage(number - 1), commands, {**shared, "/XObject": slips})
    content = io.BytesIO()
    writer.write(content)
    return content.getvalue()


def _size(document):
    box = document.getPage(0).mediaBox
    return float(box[2]), float(box[3])


def _slanted(width, height):
    """The middle of a slip onto the middle of the page, rising to the right."""
    x, y = width / 2, STRIP_MM * MM / 2
    right, up = width / 2 - (COS * x - SIN * y), height / 2 - (SIN * x + COS * y)
    return f"{COS} {SIN} {-SIN} {COS} {right:.2f} {up:.2f}"


def _page_number(text, width):
    length = sum(DIGIT if sign.isdigit() else SPACE for sign in text) * NUMBER_SIZE / 1000
    place = f"{width - MARGIN_MM * MM - length:.2f} {(FOOT_MM - 4.4) * MM:.2f}"
    return f"BT 0.45 g /KamsNumber {NUMBER_SIZE} Tf {place} Td ({text}) Tj ET"


def _draw(writer, page, commands, resources):
    """Add a page, with what is drawn on top of it."""
    own = page["/Resources"].getObject()
    merged = DictionaryObject(own)
    for kind, entries in resources.items():
        known = own[kind].getObject() if kind in own else {}
        merged[NameObject(kind)] = DictionaryObject(
            {**known, **{NameObject(name): ref for name, ref in entries.items()}}
        )
    page[NameObject("/Resources")] = merged
    contents = page.raw_get("/Contents")
    contents = contents if isinstance(contents, ArrayObject) else [contents]
    on_top = "Q\n" + "\n".join(f"q {command} Q" for command in commands)
    page[NameObject("/Contents")] = ArrayObject([_stream(writer, "q"), *contents, _stream(writer, on_top)])
    writer.addPage(page)


def _drawing(writer, slip, shown_mm):
    """The upper part of a slip as something that pages can refer to."""
    drawing = slip["/Contents"].getObject()
    drawing.update(_dictionary(Type="/XObject", Subtype="/Form"))
    right, top = (int(float(side)) + 1 for side in slip.mediaBox[2:])
    bottom = max(top - round(shown_mm * MM), 0)
    drawing[NameObject("/BBox")] = ArrayObject(map(NumberObject, (0, bottom, right, top)))
    drawing[NameObject("/Resources")] = slip.raw_get("/Resources")
    # some libraries take what an object refers to along as they write, others want it copied before
    return drawing.clone(writer).indirect_reference if hasattr(drawing, "clone") else _reference(writer, drawing)


def _stream(writer, commands):
    stream = DecodedStreamObject()
    stream.setData(commands.encode())
    return _reference(writer, stream)


def _reference(writer, thing):
    return writer._addObject(thing)


def _dictionary(**entries):
    return DictionaryObject({NameObject(f"/{key}"): NameObject(value) for key, value in entries.items()})
