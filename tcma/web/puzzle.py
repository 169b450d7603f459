"""A small puzzle for whoever sends a form: its script searches for a number whose digest begins with
zeros, for about a hundredth of a second while the page is calm, for seconds while many come.

It costs a person nothing and a machine its speed. Who runs no script sends no number: the other checks
then look harder, and while many come a person looks.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from tcma.web.guards import limiter

PROOF: Final = "proof"
"""Name of the hidden field: `bits.seed` until the script adds `.number`."""
EASIEST, HARDEST = 12, 20
"""Zeros asked for, in bits: 4,096 tries of a microsecond on average, and a million."""
CALM = 10
"""Forms of one page in ten minutes that ask for nothing more; each doubling asks for one bit more."""
SLACK = 4
"""A page may have been opened before many came: so many bits less than now still count."""
_WINDOW = RateLimitItemPerMinute(1_000_000, 10)
_came = FixedWindowRateLimiter(MemoryStorage())
"""Each process counts what it sees: a page must not wait for Redis, and a puzzle needs no exact number."""
_NUMBER = re.compile(r"\d{1,12}\Z")


@dataclass(frozen=True, slots=True)
class Proof:
    """What came of a form's puzzle; `busy` while many forms of its page come."""

    solved: bool
    busy: bool


def asked(page_id: UUID) -> int:
    """Return how many zeros a form of a page asks for now."""
    return bits_for(_lately(page_id))


def bits_for(forms: int) -> int:
    """Return how many zeros are asked for after so many forms in ten minutes."""
    return min(EASIEST + (forms // CALM).bit_length(), HARDEST)


def unsolved(stamp: str, bits: int) -> str:
    """Return what the hidden field holds until the script has searched."""
    return f"{bits}.{_seed(stamp)}"


def is_solved(stamp: str, bits: int, proof: str) -> bool:
    """Say whether a field holds a number for this stamp and as many zeros."""
    start, _, number = proof.rpartition(".")
    if start != unsolved(stamp, bits) or not _NUMBER.fullmatch(number):
        return False
    digest = hashlib.sha256(f"{_seed(stamp)}.{number}".encode()).digest()
    return int.from_bytes(digest[:4], "big") >> (32 - bits) == 0


def judged(page_id: UUID, stamp: str, bits: int, proof: str) -> Proof:
    """Count a form that came, and say what came of its puzzle."""
    forms = _lately(page_id)
    if limiter.enabled:
        _came.hit(_WINDOW, str(page_id))
    hard_enough = bits >= bits_for(forms) - SLACK
    return Proof(hard_enough and is_solved(stamp, bits, proof), forms >= CALM)


def _lately(page_id: UUID) -> int:
    """How many forms of a page came in ten minutes; none in a load test."""
    if not limiter.enabled:
        return 0
    left = _came.get_window_stats(_WINDOW, str(page_id)).remaining
    return int(_WINDOW.amount - left)


def _seed(stamp: str) -> str:
    return hashlib.sha256(stamp.encode()).hexdigest()[:16]


SCRIPT: Final = """// Solves the small puzzle of the form on this page, so that machines cannot send thousands of them.
(() => {
  const form = document.querySelector("form[method=post]");
  const field = form?.elements.proof;
  if (!field) return;
  const [bits, seed] = field.value.split(".");
  const K = [], H = [];
  const fraction = (x) => ((x - Math.floor(x)) * 4294967296) | 0;
  for (let n = 2; K.length < 64; n++) {
    let prime = true;
    for (let d = 2; d * d <= n; d++) if (n % d === 0) { prime = false; break; }
    if (!prime) continue;
    if (H.length < 8) H.push(fraction(Math.sqrt(n)));
    K.push(fraction(Math.cbrt(n)));
  }
  const w = new Int32Array(64);
  const first = (text) => {  // the first 32 bits of SHA-256 of a text of up to 55 letters
    w.fill(0, 0, 16);
    for (let i = 0; i < text.length; i++) w[i >> 2] |= text.charCodeAt(i) << (24 - (i % 4) * 8);
    w[text.length >> 2] |= 0x80 << (24 - (text.length % 4) * 8);
    w[15] = text.length * 8;
    for (let i = 16; i < 64; i++) {
      const x = w[i - 15], y = w[i - 2];
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
    }
    let [a, b, c, d, e, f, g, h] = H;
    for (let i = 0; i < 64; i++) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
    }
    return (a + H[0]) >>> 0;
  };
  let number = 0, search;
  const solve = () => (search ||= new Promise((done) => {
    const some = () => {
      for (const end = number + 4000; number < end; number++) {
        if (first(seed + "." + number) >>> (32 - bits) === 0) {
          field.value = bits + "." + seed + "." + number;
          done();
          return;
        }
      }
      setTimeout(some);
    };
    some();
  }));
  form.addEventListener("focusin", solve, { once: true });
  form.addEventListener("submit", async (event) => {
    if (field.value.split(".").length > 2) return;
    event.preventDefault();
    await solve();
    form.requestSubmit(event.submitter);
  });
})();
"""
"""Runs in any browser of the last years, on plain http too, where `crypto.subtle` is not there."""
