"""Who may do what with requests, as data with reasons. Joined with content/roles.py by `apply_roles`."""

from __future__ import annotations

from content.roles import Role

COORDINATOR = (
    "view_consultationrequest", "change_consultationrequest", "take_consultationrequest", "view_attachment",
    "add_note", "view_note", "view_replytemplate", "view_feedback", "change_feedback",
)  # fmt: skip

ROLES = (
    Role(
        "Coordinator",
        "Answers patients. Sees what nobody has, their own requests, and those of a colleague who is away and named "
        "them; no others: whoever hands a request over hands over the reading too. Takes nothing out of the inbox.",
        COORDINATOR,
    ),
    Role(
        "Manager",
        "Answers for the promise to patients: sees every request, moves them between people, exports, erases when "
        "a patient asks, unlocks a file without a scan, writes the reply templates, reads the log of looks.",
        (
            *COORDINATOR, "see_all_consultationrequest", "export_consultationrequest", "erase_consultationrequest",
            "unlock_attachment", "add_replytemplate", "change_replytemplate", "delete_replytemplate",
            "view_accessevent", "view_outgoingmail",
        ),
    ),
    Role(
        "Administrator",
        "Invites people, gives roles, removes a lost second factor, and reads the log and the state of the mail. "
        "Reads no request: whoever can open any account must not also be the one who reads patients.",
        (
            "add_user", "change_user", "view_user", "view_group", "view_accessevent", "view_outgoingmail",
            "view_siteprofile", "change_siteprofile", "add_siteprofiletext", "change_siteprofiletext",
            "delete_siteprofiletext", "view_siteprofiletext",
        ),
    ),
)  # fmt: skip
