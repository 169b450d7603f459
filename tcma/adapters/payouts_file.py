"""Payment batches as a CSV that bank portals import, formula-safe, with a checksum line."""

import csv
import hashlib
import io
from collections.abc import Sequence
from decimal import Decimal

from tcma.ports import PaymentFile, PaymentOrder

COLUMNS = ("Batch", "No", "Beneficiary", "Country", "Amount", "Currency", "Purpose")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class PayoutsFile:
    """Payouts by file: finance uploads it, the bank pays, finance marks the batch paid."""

    def write(self, batch_ref: str, orders: Sequence[PaymentOrder]) -> PaymentFile:
        """Return UTF-8 CSV with CRLF lines; the last line holds count and sum to compare.

        The checksum is the SHA-256 of the whole file in hex.
        """
        out = io.StringIO(newline="")
        table = csv.writer(out, lineterminator="\r\n")
        table.writerow(COLUMNS)
        for order in orders:
            cells = (
                order.beneficiary,
                order.country,
                order.amount,
                order.currency,
                order.purpose,
            )
            table.writerow([batch_ref, order.number, *(_inert(cell) for cell in cells)])
        total = sum((Decimal(order.amount) for order in orders), Decimal(0))
        currency = orders[0].currency if orders else ""
        table.writerow([batch_ref, len(orders), "TOTAL", "", str(total), currency, ""])
        content = out.getvalue().encode()
        return PaymentFile(
            file_name=f"{batch_ref}.csv",
            media_type="text/csv",
            content=content,
            checksum=hashlib.sha256(content).hexdigest(),
        )


def _inert(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell
