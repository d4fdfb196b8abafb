"""The errors that a user may see: one clear sentence each, with the value and what to do."""


class VascularLoopError(Exception):
    """Base of every error that is meant to be read by a user."""


class GeometryError(VascularLoopError):
    """A grid, a frame or a coordinate makes no sense."""


class VolumeReadError(VascularLoopError):
    """A file or folder could not be read as a volume."""


class ReadCancelledError(VascularLoopError):
    """The user ended a long read; nothing of it is kept."""


class AnnotationError(VascularLoopError):
    """An annotation is not valid."""


class LessonError(VascularLoopError):
    """A lesson folder, or a file in it, is not valid or could not be read."""


class LessonSaveError(VascularLoopError):
    """A lesson could not be written; what is on disk is as it was before."""


class LessonConflictError(LessonSaveError):
    """Another program changed a file of the lesson; both versions are kept."""


class LessonReadOnlyError(LessonSaveError):
    """The lesson is open elsewhere, so it can be read here but not changed."""


class JournalDamagedError(LessonSaveError):
    """A lesson's journal is no such file, or damaged; the lesson's plain files may still be whole."""


class JournalUnwritableError(LessonSaveError):
    """A lesson's journal can't be written where it lies, as on a full disk; it may be read."""


class LessonTakenError(LessonReadOnlyError):
    """Another program has taken the lesson over."""


class WrongVolumeError(VascularLoopError):
    """The volume at hand is not the one on which the marks were made."""


class SampleUnavailableError(VascularLoopError):
    """A public volume is neither on this machine nor could it be downloaded."""


class DownloadError(SampleUnavailableError):
    """A file could not be downloaded, or is not the one that it should be; the sentence says what to do."""


class LocateError(VascularLoopError):
    """A structure could not be looked for in a scan; the sentence says why, and what to do."""


class FigureError(VascularLoopError):
    """A figure could not be drawn or written."""


class PageError(VascularLoopError):
    """A web page of a lesson could not be made or written."""


class PrivacyError(VascularLoopError):
    """Something can't be passed on, since nobody could say that it names no one."""
