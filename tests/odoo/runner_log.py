"""What Odoo's own test runner logs."""

import re

# "TestX.test_y". A failure while a class is set up has the name of the step.
STARTED = re.compile(r": Starting (\w+\.\w+)")
FAILED = re.compile(r": (?:FAIL|ERROR): (?:Subtest )?(.+)")
ENDED = re.compile(r"\d+ failed, \d+ error\(s\) of (\d+) tests when loading database")
