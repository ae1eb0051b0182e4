"""Answers to Google Forms, from the sheet's CSV or Excel file."""

from __future__ import annotations

import re

from crawlers.exported import ExportedFiles
from ingest.mention import FeedbackKind


class GoogleForms(ExportedFiles):
    """One respondent a row; ready questions (`earful sheets`) and declared scales are known."""

    kind = "google_forms"
    name_en = "Google Forms"
    name_vi = "Google Forms"
    covers = "the exported answers: texts, choices and ratings, CSAT, NPS and CES among them"
    does_not_cover = "answers after the export; e-mail addresses, which are not kept"
    evidence = "from documentation and own forms' layout: no real export was at hand"
    place = re.compile(r"docs\.google\.com/(?:forms|spreadsheets)/|forms\.gle/")
    why = "a form's answers are its owner's: Earful reads their export"
    instead = (
        "in the form: Responses, Download responses (.csv), then: "
        "earful import FILE --source google_forms"
    )
    feedback_kind = FeedbackKind.SURVEY


SOURCE = GoogleForms()
