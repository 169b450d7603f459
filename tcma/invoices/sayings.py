"""What the limited process says of a file, known to translators, so that readers are told it in their language.

The process itself speaks English only: opening a stranger's file loads nothing that opening it does not need.
"""

from typing import Final

from tcma.words import Words, recognised, say

SAYINGS: Final[tuple[Words, ...]] = (
    say("The file is empty."),
    say("The file has more than {n} MB."),
    say("An old or protected Office file. Save it as PDF and upload that."),
    say("We cannot use this file: it is of a kind we do not know. Upload a PDF, JPEG, PNG, DOCX, XLSX or an e-invoice (XML)."),
    say("We cannot use this file: it is {what}. Upload a PDF, JPEG, PNG, DOCX, XLSX or an e-invoice (XML)."),
    say("This is a web page or a drawing, not a paper. Upload a PDF, JPEG, PNG, DOCX, XLSX or an e-invoice (XML)."),
    say("An e-invoice has at most {n} MB."),
    say("The picture has too many pixels. Make it smaller."),
    say("The picture is broken or cut off. Save it again."),
    say("The file is damaged or was cut off. Save it again."),
    say("The file carries macros or other files. Save it as PDF."),
    say("The file loads or starts something from elsewhere. Save it as PDF."),
    say("This is an archive, not a paper. Upload a PDF, JPEG, PNG, DOCX, XLSX or an e-invoice (XML)."),
    say("The file grows too large when opened. Save it as PDF."),
    say("The file is protected by a password. Save it without one."),
    say("The XML declares entities, which an e-invoice never does."),
    say("The XML is broken and cannot be read."),
    say("This XML is no e-invoice. UBL, CII (Factur-X, ZUGFeRD, XRechnung) and FatturaPA are."),
    say("The file holds several invoices. Upload each by itself."),
    say("The signed file (.p7m) is broken, or what it signs is not in it. Upload the invoice itself."),
    say("The Word file is broken inside ({name}). Save it as PDF."),
    say("The workbook is broken or protected. Save it as PDF."),
    say("The PDF is protected by a password. Save it without one."),
    say("The PDF is cut off. Save it again and upload the whole file."),
    say("The PDF is broken and does not open. Save it again."),
    say("The PDF has no pages."),
    say("The PDF has {n} pages; {most} are the most."),
    say("The PDF has more parts inside than a paper has."),
    say("The PDF runs scripts. Print it to a new PDF."),
    say("The PDF starts programs or media. Print it to a new PDF."),
    say("The PDF carries a file of another kind, “{name}”. Leave it out."),
    say("The first page has no size that can be shown."),
    say("The file needs more memory than a paper does. Save it as a plain PDF."),
    say("The file takes too long to open. Save it as a plain PDF."),
    say("The file breaks what reads it. Save it as a plain PDF."),
    say("The file breaks what reads it."),
    say("The file was removed."),
    say("The e-invoice inside the PDF is not the invoice one sees."),
    say("From the e-invoice ({standard})."),
    say("From the e-invoice in the PDF ({standard})."),
    say("From the text of the PDF."),
    say("From the text of the Word file."),
    say("From the text of the Excel file."),
    say("No invoice is read in its text."),
    say("It is a scan."),
    say("It is a picture."),
    say("It is a scan, and this machine reads none (Tesseract is not installed)."),
    say("It is a picture, and this machine reads none (Tesseract is not installed)."),
    say("It is a scan; read by Tesseract, look at every field."),
    say("It is a picture; read by Tesseract, look at every field."),
    say("Upload a PDF, JPEG, PNG, DOCX, XLSX or an e-invoice (XML)."),
)  # fmt: skip


def told(said: str) -> str:
    """Return what was said of a file, ready for readers of any language; what is not known as it stands."""
    return recognised(said, SAYINGS)
