"""Asked last: what the contract has and nothing showed, and what was shown and the contract has not."""
import unittest

from world import contract

# Refusals that need a daemon of another kind to be provoked; each is shown by the suite that is named.
# A cancellation meets 409 only while the same request runs, which happens or does not.
ELSEWHERE = {"POST /v1/events/{id}/cancel -> 409"}


class Contract(unittest.TestCase):
    maxDiff = None

    def test_nothing_occurred_that_is_not_in_the_contract(self):
        lines = [f"{line} ({n} times)" for line, n in sorted(contract.faults.items())]
        self.assertEqual(lines, [])

    def test_everything_in_the_contract_occurred(self):
        self.assertEqual(sorted(set(contract.never_seen()) - ELSEWHERE), [])

    def test_the_closed_list_of_codes_is_the_daemons(self):
        self.assertEqual(sorted(contract.codes_seen - contract.codes), [])
