from . import monitr_connection, monitr_outbox, monitr_run, monitr_set_aside
