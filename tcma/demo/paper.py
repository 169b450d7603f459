"""A one-page invoice as a PDF, written by hand: four objects and a table of where they stand."""

from tcma.mdf.papers.invoice_lines import InvoiceEntry

TOP, STEP = 760, 26


def invoice_pdf(entry: InvoiceEntry, *, tax_percent: int) -> bytes:
    """Return a small, valid PDF (ISO 32000-1, 7.5) of an invented studio's invoice."""
    net, tax = entry.net, entry.tax
    lines = (
        (20, entry.issuer),
        (12, f"Invoice {entry.number}, {entry.issued_on:%d %B %Y}"),
        (12, f"To: {entry.made_out_to}"),
        (12, ""),
        (12, f"Copy, list clean-up, adverts        {net.major:,.2f} {net.currency}"),
        (12, f"VAT {tax_percent} %                            {tax.major:,.2f} {tax.currency}"),
        (14, f"Total                               {(net + tax).major:,.2f} {net.currency}"),
        (10, f"{entry.issuer} is fictional."),
    )
    text = "BT\n" + "".join(
        f"/F1 {size} Tf 1 0 0 1 64 {TOP - STEP * row} Tm ({_escaped(words)}) Tj\n"
        for row, (size, words) in enumerate(lines)
    )
    stream = (text + "ET").encode("cp1252")
    fonts = b"/Resources << /Font << /F1 5 0 R >> >> >>"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R " + fonts,
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>",
    )
    out, places = bytearray(b"%PDF-1.4\n"), []
    for place, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (place, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        start,
    )
    return bytes(out)


def _escaped(words: str) -> str:
    return words.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
