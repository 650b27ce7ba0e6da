"""The pages: server-rendered HTML for people who signed in. A file for each noun, in its room.

How a page is made
------------------

1. A file ``receiver/web/pages/ROOM/NOUN.py`` with one ``PagesBlueprint`` (``shared/blueprint.py``),
   listed in ``menu.py``. With a ``label`` it appears in the sidebar; its view ``show`` is where
   that leads.

       reports = PagesBlueprint("reports", label=_l("Reports"), icon="reports")

       @reports.get("/reports/", defaults={"connection": None})
       @reports.get("/reports/<connection>/")
       def show(connection: str | None) -> Page:
           chosen = choose_connection(connection)

2. Who checks what. The blueprint lets nobody in who is not signed in, checks the CSRF token of
   every POST, and forbids keeping a copy. The view asks ``shared/viewer.py`` for the connection:
   ``get_viewed_connection(name)`` and ``get_administered_connection(name)`` raise NotFound for one
   that the viewer may not see, as for one that is not there; the latter raises NotAllowed for one
   that they may only see. ``choose_connection(None)`` is the first that they see. Both put it into
   ``g.connection``, which the layout's connection chooser and the sidebar follow: so the path's
   variable is called ``connection`` everywhere. ``choose_company`` of ``shared/companies.py`` does
   the same for the query's ``company_id``. ``require_administrator()`` guards what concerns
   everything.

3. The template ``templates/pages/NOUN.html`` extends ``pages/layout.html`` (blocks ``title``,
   ``heading``, ``lead``, ``actions``, ``content``) and takes its parts from ``pages/parts.html``:
   table, amount cell, tabs, card, field, message, empty state, progress, chart. Amounts and dates
   go through the filters ``amount``, ``number``, ``day`` and the macro ``moment``. No inline style
   or script: the content security policy forbids it.

4. A form carries ``{{ csrf() }}`` and works without JavaScript. Its view declares the fields with
   ``@takes_form(…)``, and a page what it reads of its address with ``read_query(…)``, both of
   ``shared/request_fields.py``. A success is answered with ``see_other("noun_pages.show", …)``
   after ``flash(_("…"), "success")``; a wrong value is rendered again with status 422 and
   ``errors`` by field, each sentence at its field. htmx sends the CSRF token by itself; a view that
   answers htmx with a part of a page tells by ``is_htmx()``. A long list comes in pages by
   ``shared/numbered_pages.py``, below it the macro ``pager``.

5. Every text is ``_("…")`` (in templates too) with named placeholders, and ``make messages`` takes
   it into the catalogs of ``receiver/web/translations``. An error raised further inside that people
   may see is put at its field by its ``path``, or becomes the page of ``shared/problem.py``; its
   text and those of every ``Sentence`` (``receiver/messages.py``) are in the catalogs too.
"""
