-- A neutralized copy (16 and later) sends nothing: it has no key. It waits for one of its own.
UPDATE monitr_connection SET sealed_key = NULL, bound_to = NULL;
