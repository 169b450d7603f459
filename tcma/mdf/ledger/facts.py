"""Facts outside the chains that bookings rest on, and that must agree with them."""

BESIDE_THE_CHAINS = """
WITH booked AS (
  SELECT t.subject_id, sum(CASE WHEN d.kind = 'source' THEN t.amount ELSE -t.amount END) AS sum
  FROM ledger_transfer t JOIN ledger_account d ON d.id = t.debit_id
  WHERE t.kind = 'exchange' GROUP BY 1)
SELECT b.ref, b.id, NULL::bigint,
  'exchange difference of ' || c.ref || ' is not what the bank took'
FROM payment p JOIN claim c ON c.id = p.claim_id JOIN fund_request r ON r.id = c.request_id
JOIN fund_allocation a ON a.id = r.allocation_id JOIN fund_budget b ON b.id = a.budget_id
LEFT JOIN booked k ON k.subject_id = p.id
WHERE (p.taken_minor IS NOT NULL OR k.sum IS NOT NULL) AND COALESCE(k.sum, 0)
  <> CASE WHEN p.state = 'settled' THEN COALESCE(p.taken_minor - p.amount_minor, 0) ELSE 0 END
UNION ALL
SELECT b.ref, b.id, NULL, 'the rate of invoice ' || i.number || ' in ' || c.ref || ' was changed'
FROM invoice i JOIN exchange_rate x ON x.id = i.rate_id JOIN claim c ON c.id = i.claim_id
JOIN fund_request r ON r.id = c.request_id JOIN fund_allocation a ON a.id = r.allocation_id
JOIN fund_budget b ON b.id = a.budget_id
JOIN LATERAL (SELECT case_text::jsonb -> 'invoices' AS said FROM judgement j
  WHERE j.subject_id = c.id ORDER BY j.id DESC LIMIT 1) j ON true
JOIN LATERAL jsonb_array_elements(j.said) s
  ON s ->> 'number' = i.number AND s ->> 'issuer' = i.issuer
WHERE s ->> 'currency' <> i.currency OR abs((s ->> 'rate')::numeric
  / CASE WHEN x.base = i.currency THEN x.rate ELSE 1 / x.rate END - 1) > 0.00000001
UNION ALL
SELECT b.ref, b.id, NULL, 'what ' || c.ref || ' is approved for is not what the books owe'
FROM claim c JOIN fund_request r ON r.id = c.request_id
JOIN fund_allocation a ON a.id = r.allocation_id JOIN fund_budget b ON b.id = a.budget_id
LEFT JOIN ledger_account x ON x.claim_id = c.id AND x.kind = 'accrued'
WHERE c.state IN ('approved', 'payment_pending') AND c.approved_minor <> COALESCE(x.balance, 0)
UNION ALL
(SELECT DISTINCT ON (h.chain_id) b.ref, b.id, h.seq, CASE WHEN t.hash IS NULL
  THEN 'entries that were proved are gone, the last one No. ' || h.seq
  ELSE 'entries up to No. ' || h.seq || ' are not those that were proved' END
FROM ledger_head h LEFT JOIN ledger_transfer t ON t.chain_id = h.chain_id AND t.seq = h.seq
LEFT JOIN fund_budget b ON b.id = h.chain_id
WHERE t.hash IS DISTINCT FROM h.hash ORDER BY h.chain_id, h.seq)
ORDER BY 1, 4
"""
"""What is broken, with fund, chain and entry: payments, rates, approved sums, heads proved before."""
