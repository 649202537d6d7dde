"""Makes `nbgrader zip_collect` as safe as `nasedu assignment collect`: archives are read within limits."""

from pathlib import Path

from nbgrader.plugins import ExtractorPlugin

from nasedu.classroom.grading.archives import entries, safe_name
from nasedu.classroom.grading.collecting import content_of, write_submission
from nasedu.classroom.grading.downloads import sort_by_student
from nasedu.core import BadValue


class SafeExtractor(ExtractorPlugin):
    """Writes extracted/STUDENT/FILE for each archive in downloaded/ASSIGNMENT/archive/.

    The number of Moodle stays in the name of a student: without a roster, two students may have one name.
    """

    def extract(self, archive_path: str, extracted_path: str) -> None:
        """Extract every archive; a file that is no archive is a notebook of a platform without folders."""
        course, assignment = Path(self.parent.coursedir.root), self.parent.coursedir.assignment_id
        archives = sorted(path for path in Path(archive_path).iterdir() if path.suffix.lower() == ".zip")
        for download in archives or [Path(archive_path)]:
            try:
                platform, handed, lost = sort_by_student(entries(download), assignment)
            except BadValue as error:
                self.log.error("%s", error)
                continue
            for line in lost:
                self.log.warning("%s", line)
            for one in handed:
                who = safe_name("_".join(filter(None, (one.name, one.number))))
                content, refused = content_of(one, platform)
                one.notes += refused
                for line in one.notes:
                    self.log.warning("%s: %s", who, line)
                folder = Path(extracted_path, who)
                if folder.exists():
                    self.log.warning("%s: there is another archive with this student; the first one counts", who)
                else:
                    write_submission(folder, one, content, course / "source" / assignment)
