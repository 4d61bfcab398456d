"""Runs the tests of a folder that are written with unittest, and counts them in a last line, which Tests/run reads.

    counted.py FOLDER [OPTION]...

Options are those of `python3 -m unittest discover`, `-k PATTERN` for example.
"""

import sys
import unittest


class Result(unittest.TextTestResult):
    """What became of tests. Of those that ran, only the ones that succeeded are counted as passed: a class that could not be
    set up is a failure, and no test of it ran."""

    passed = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1


def main(folder, *options):
    runner = unittest.TextTestRunner(verbosity=1, resultclass=Result)
    words = ["counted.py", "discover", "--start-directory", folder, *options]
    result = unittest.main(module=None, argv=words, testRunner=runner, exit=False).result
    # A test may fail in several of its parts, each of which is named behind a space.
    faults = [test for test, _ in result.failures + result.errors] + result.unexpectedSuccesses
    failed = len({test.id().split(" ")[0] for test in faults})
    for test, reason in result.skipped:
        print(f"skipped: {test.id()}: {reason}")
    print(f"{result.passed} passed, {failed} failed, {len(result.skipped)} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
