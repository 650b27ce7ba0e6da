from . import monitr_connection, monitr_outbox, monitr_run
