from . import (
    test_access,
    test_capture,
    test_columns,
    test_other_modules,
    test_schedule,
    test_settings,
)
