from odoo.tests.common import tagged

from .. import capture
from .common import ConnectorCase


@tagged("post_install", "-at_install")
class TestCapture(ConnectorCase):
    def setUp(self):
        super().setUp()
        self.partner = self.env["res.partner"].create({"name": "Monitr"})
        self.entry = self.new_entry()
        self.captured()

    def of(self, stream, records):
        return {(stream, id) for id in records.ids}

    def test_it_notes_what_is_created(self):
        partner = self.env["res.partner"].create({"name": "New"})

        self.assertIn(("partners", partner.id), self.captured())

    def test_it_notes_what_is_written(self):
        self.partner.write({"ref": "changed"})

        self.assertEqual(self.captured(), {("partners", self.partner.id)})

    def test_it_notes_what_is_removed(self):
        changed = self.of("partners", self.partner)
        self.partner.unlink()

        self.assertLessEqual(changed, self.captured())

    def test_it_notes_an_entry_with_its_items_when_it_is_posted(self):
        self.entry.action_post()

        captured = self.captured()
        self.assertLessEqual(self.of("journal_entries", self.entry), captured)
        self.assertLessEqual(self.of("journal_items", self.entry.line_ids), captured)

    def test_it_notes_an_entry_with_its_items_when_it_is_removed(self):
        changed = self.of("journal_entries", self.entry)
        changed |= self.of("journal_items", self.entry.line_ids)
        self.entry.unlink()

        self.assertLessEqual(changed, self.captured())

    def test_it_notes_what_odoo_does_not_do_by_its_models(self):
        self.flush()
        [item, _other] = self.entry.line_ids.ids
        self.env.cr.execute("UPDATE account_move_line SET name = 'SQL' WHERE id = %s", [item])

        self.assertEqual(self.captured(), {("journal_items", item)})

    def test_nothing_is_noted_of_what_is_rolled_back(self):
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            self.partner.write({"ref": "changed"})
            self.flush()
            raise ZeroDivisionError

        self.assertEqual(self.captured(), set())

    def test_a_users_work_goes_on_where_nothing_can_be_noted(self):
        self.env.cr.execute("ALTER TABLE monitr_outbox RENAME TO monitr_lost")

        self.partner.write({"ref": "changed"})
        self.flush()

        self.assertEqual(self.partner.ref, "changed")

    def test_it_mends_what_is_broken_and_has_its_stream_read_whole(self):
        self.env.cr.execute("DROP TRIGGER monitr_capture_update ON res_partner")

        self.assertEqual(capture.mend(self.env), {})

        self.env.cr.execute("SELECT stream, note FROM monitr_outbox WHERE note LIKE 'broken%'")
        self.assertIn(("partners", "broken: res_partner"), self.env.cr.fetchall())
        self.partner.write({"ref": "changed"})
        self.assertEqual(self.captured(), {("partners", self.partner.id)})
