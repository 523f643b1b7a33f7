"""Everything Shakwa refuses or cannot do, as one tree.

ShakwaError
├── Refused                 the request is at fault; `code` names the sentence the shopper reads
│   ├── TextEmpty, TextTooLong, NotText, ChoiceUnknown, ClientIdReused, TooMany
│   ├── FileTooLarge, FileKindUnknown, FileBroken, FilesTooMany
│   ├── IdentityRefused     the shop's server did not say so
│   ├── Forbidden           the signed-in user's role does not allow it
│   ├── CrossOrigin         a page of another site asked in a user's name
│   ├── HeldByAnother       another agent was quicker; `held_by` is their name where it is known
│   ├── PasswordWeak, LoginTaken
│   ├── LabelledMeanwhile   another analyst was quicker; `label` is what it is now
│   ├── AddressRefused      a webhook's address that nothing may be sent to
│   ├── ProofNeeded         whether it exists or not: who asks shows first that it is theirs
│   └── NotAllowed          a state does not allow it; its code may say what is the matter
├── SignInFailed            user and password do not belong together; never which of the two
├── NotFound                also where the asker may not know that it exists
│   ├── SessionUnknown
│   ├── SignInNeeded        nobody is signed in, or no longer
│   ├── ConversationUnknown, UserUnknown, CannedUnknown, ViewUnknown, WebhookUnknown, DeliveryUnknown,
│   │   UtteranceUnknown, ModelUnknown
│   ├── ConversationErased      its shopper's data was erased
│   ├── SubjectUnknown          nothing is stored of whoever is meant
│   ├── ComplaintUnknown
│   └── FileUnknown
├── StaleTurn               another claim has overtaken this turn: nothing of it may be written
├── GivenUp                 somebody has cancelled the work; nothing of it is left
├── RunFailed               a model was not trained or compared; `code` and `about` say why
├── EngineDown              Rasa or the action server cannot be reached: try again later
├── EngineFailed            the engine was reached and failed on this message
├── BackupUnusable          a backup that cannot be made, or cannot be restored here
├── GatewayDown             the gateway that is to be talked to is not there
└── BadSettings             the installation is set up wrongly; the message says what to change
"""


class ShakwaError(Exception):
    """The root; `code` is stable and machine-readable."""

    code = "error"


class Refused(ShakwaError):
    code = "invalid"


class TextEmpty(Refused):
    code = "empty"


class TextTooLong(Refused):
    code = "too_long"


class NotText(Refused):
    code = "not_text"


class ChoiceUnknown(Refused):
    code = "choice_unknown"


class ClientIdReused(Refused):
    code = "client_id_reused"


class TooMany(Refused):
    code = "too_many"

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"too many requests: try again in {retry_after} s")
        self.retry_after = retry_after


class FileTooLarge(Refused):
    code = "file_too_large"


class FileKindUnknown(Refused):
    code = "file_kind"


class FileBroken(Refused):
    code = "file_broken"


class FilesTooMany(Refused):
    code = "files_too_many"


class IdentityRefused(Refused):
    code = "identity_refused"


class Forbidden(Refused):
    code = "forbidden"


class CrossOrigin(Refused):
    code = "cross_origin"


class HeldByAnother(Refused):
    code = "held_by_another"

    def __init__(self, message: str, held_by: str = "") -> None:
        super().__init__(message)
        self.held_by = held_by


class PasswordWeak(Refused):
    code = "password_weak"


class LoginTaken(Refused):
    code = "login_taken"


class LabelledMeanwhile(Refused):
    code = "labelled_meanwhile"

    def __init__(self, message: str, label: str = "") -> None:
        super().__init__(message)
        self.label = label


class AddressRefused(Refused):
    code = "address_refused"


class ProofNeeded(Refused):
    code = "proof_needed"


class NotAllowed(Refused):
    code = "not_allowed"

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code or self.code


class SignInFailed(ShakwaError):
    code = "sign_in_failed"


class NotFound(ShakwaError):
    code = "not_found"


class SessionUnknown(NotFound):
    code = "session_unknown"


class SignInNeeded(NotFound):
    code = "sign_in_needed"


class ConversationUnknown(NotFound):
    code = "conversation_unknown"


class ConversationErased(ConversationUnknown):
    code = "conversation_erased"


class SubjectUnknown(NotFound):
    code = "subject_unknown"


class UserUnknown(NotFound):
    code = "user_unknown"


class CannedUnknown(NotFound):
    code = "canned_unknown"


class ViewUnknown(NotFound):
    code = "view_unknown"


class WebhookUnknown(NotFound):
    code = "webhook_unknown"


class UtteranceUnknown(NotFound):
    code = "utterance_unknown"


class ModelUnknown(NotFound):
    code = "model_unknown"


class DeliveryUnknown(NotFound):
    code = "delivery_unknown"


class ComplaintUnknown(NotFound):
    code = "complaint_unknown"


class FileUnknown(NotFound):
    code = "file_unknown"


class StaleTurn(ShakwaError):
    code = "stale_turn"


class GivenUp(ShakwaError):
    code = "given_up"


class RunFailed(ShakwaError):
    def __init__(self, code: str, **about: str | int) -> None:
        super().__init__(f"{code}: {about}")
        self.code, self.about = code, about


class EngineDown(ShakwaError):
    code = "engine_down"


class EngineFailed(ShakwaError):
    code = "engine_failed"


class GatewayDown(ShakwaError):
    code = "gateway_down"


class BackupUnusable(ShakwaError):
    code = "backup_unusable"


class BadSettings(ShakwaError):
    code = "bad_settings"
