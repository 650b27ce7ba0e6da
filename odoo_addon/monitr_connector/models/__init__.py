from . import monitr_connection, monitr_run
