from odoo.exceptions import UserError, ValidationError
from odoo.tests.common import Form, tagged

from ..errors import CopiedDatabase, Misconfigured
from .common import SECRET, ConnectorCase, connection_key


@tagged("post_install", "-at_install")
class TestSettings(ConnectorCase):
    def form(self):
        return Form(self.connection, view="monitr_connector.monitr_connection_view_form")

    def test_it_saves_what_the_page_has(self):
        with self.form() as form:
            form.push_every = "15"
            form.start_date = "2024-01-01"

        self.assertEqual(self.connection.push_every, "15")
        self.assertEqual(str(self.connection.start_date), "2024-01-01")

    def test_it_seals_the_pasted_key_before_the_form_is_saved(self):
        with self.form() as form:
            form.pasted_key = connection_key()
            self.assertFalse(form.pasted_key)

        self.flush()
        self.env.cr.execute("SELECT c::text FROM monitr_connection c")
        stored = str(self.env.cr.fetchall())
        self.assertNotIn(SECRET, stored)
        self.assertNotIn(connection_key(), stored)
        self.assertEqual(self.connection.connection_key, connection_key())
        self.assertEqual(self.connection.address, "https://monitr.example")

    def test_it_refuses_what_is_no_key(self):
        with self.assertRaisesRegex(ValidationError, "starts with monitr_"):
            self.connection.set_key("secret")

        self.assertFalse(self.connection.sealed_key)

    def test_it_saves_no_key_that_is_not_sealed(self):
        with self.assertRaisesRegex(UserError, "paste it again"):
            self.connection.write({"pasted_key": connection_key()})

    def test_another_key_forgets_the_authority_of_the_one_before(self):
        self.connection.write({"authority": "of the one before"})

        self.connection.set_key(connection_key())

        self.assertFalse(self.connection.authority)

    def test_it_is_not_ready_without_a_key(self):
        with self.assertRaisesRegex(Misconfigured, "Paste the connection key first"):
            self.connection.check_ready()

    def test_a_copy_of_the_database_sends_nothing(self):
        self.connection.set_key(connection_key())
        self.connection.check_ready()

        self.env["ir.config_parameter"].set_param("database.uuid", "of a copy")

        self.assertRaises(CopiedDatabase, self.connection.check_ready)

    def test_a_database_with_another_secret_cannot_open_the_key(self):
        self.connection.set_key(connection_key())

        self.env["ir.config_parameter"].set_param("database.secret", "another")

        self.assertIsNone(self.connection.connection_key)
        with self.assertRaisesRegex(Misconfigured, "cannot be read any more"):
            self.connection.check_ready()
