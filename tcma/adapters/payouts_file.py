"""Payment batches as a CSV for those who pay by other means, formula-safe, with a checksum line."""

import hashlib
from collections.abc import Sequence
from decimal import Decimal

from tcma.ports import PaymentFile, PaymentRun
from tcma.spreadsheet import csv_row

COLUMNS = ("Batch", "No", "Beneficiary", "Country", "Amount", "Currency", "Purpose")


class PayoutsFile:
    """Payouts by file: finance uploads it, the bank pays, finance marks the batch paid."""

    def write(self, run: PaymentRun) -> PaymentFile:
        """Return UTF-8 CSV with CRLF lines; the last line holds count and sum to compare.

        The checksum is the SHA-256 of the whole file in hex.
        """
        batch_ref, orders = run.ref, run.orders
        rows: list[Sequence[object]] = [COLUMNS]
        rows += [
            (
                batch_ref,
                order.number,
                order.beneficiary,
                order.country,
                order.amount,
                order.currency,
                order.purpose,
            )
            for order in orders
        ]
        total = sum((Decimal(order.amount) for order in orders), Decimal(0))
        currency = orders[0].currency if orders else ""
        rows.append((batch_ref, len(orders), "TOTAL", "", total, currency, ""))
        content = b"".join(csv_row(row) for row in rows)
        return PaymentFile(
            file_name=f"{batch_ref}.csv",
            media_type="text/csv",
            content=content,
            checksum=hashlib.sha256(content).hexdigest(),
        )
