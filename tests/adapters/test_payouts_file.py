"""The bank's file: the same orders give the same bytes, and no name is a formula."""

import csv
import hashlib
import io
from datetime import UTC, date, datetime

from tcma.adapters.payouts_file import COLUMNS, PayoutsFile
from tcma.ports import PaymentOrder, PaymentRun

ORDERS = (
    PaymentOrder(1, "Œuvre & Søn ApS", "DK", "1470.00", "EUR", "CLM-2026-0001 PAY-2026-0001"),
    PaymentOrder(2, "=HYPERLINK(1) Ltd", "GB", "0.05", "EUR", "CLM-2026-0002 PAY-2026-0001"),
)
RUN = PaymentRun(
    ref="PAY-2026-0001",
    at=datetime(2026, 3, 6, 10, 0, tzinfo=UTC),
    on=date(2026, 3, 6),
    orders=ORDERS,
)


def test_a_batch_is_one_line_a_payment_and_a_sum_to_compare():
    file = PayoutsFile().write(RUN)
    rows = list(csv.reader(io.StringIO(file.content.decode(), newline="")))
    assert rows[0] == list(COLUMNS)
    assert [row[2] for row in rows[1:]] == ["Œuvre & Søn ApS", "'=HYPERLINK(1) Ltd", "TOTAL"]
    assert rows[-1][1:6] == ["2", "TOTAL", "", "1470.05", "EUR"]
    assert file.file_name == "PAY-2026-0001.csv"


def test_the_checksum_is_the_files_and_stays_the_same():
    first, again = (PayoutsFile().write(RUN) for _ in range(2))
    assert first == again
    assert first.checksum == hashlib.sha256(first.content).hexdigest()
