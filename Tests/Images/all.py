"""Runs the tests of this folder, and counts them in a last line."""

import pathlib
import sys
import unittest


class Result(unittest.TextTestResult):
    passed = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1


result = unittest.TextTestRunner(verbosity=1, resultclass=Result).run(
    unittest.defaultTestLoader.discover(str(pathlib.Path(__file__).parent)))
failed = len({test.id().split(" ")[0] for test, _ in result.failures + result.errors})
for test, reason in result.skipped:
    print(f"skipped: {test.id()}: {reason}")
print(f"{result.passed} passed, {failed} failed, {len(result.skipped)} skipped")
sys.exit(1 if failed else 0)
