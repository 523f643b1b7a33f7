"""The names everything agrees on, copied from the contract: a change here is a change of the product."""

KINDS = (
    "late_delivery", "not_received", "damaged_item", "wrong_item", "missing_item", "poor_quality", "misleading_promotion",
    "overcharged_fees", "payment_problem", "refund_problem", "cancelled_order", "no_reply", "bad_conduct", "app_problem",
    "security_issue", "other_complaint",
)  # fmt: skip
SERVICE = (
    "file_complaint", "track_complaint", "ask_response_time", "add_details", "withdraw_complaint", "escalate_complaint",
    "request_human", "request_callback", "contact_seller", "order_status",
)  # fmt: skip
FAQ = (
    "contact_channels", "working_hours", "phone_support", "email_support", "help_center", "when_to_complain", "why_complain",
    "complaint_steps", "required_information", "evidence", "complaint_number", "consumer_rights", "return_policy",
    "warranty", "consumer_authority", "escalation_levels", "talking_to_support", "public_complaint", "manage_order",
    "cancel_order", "manage_account", "gift_cards", "report_security", "seller_questions", "privacy",
)  # fmt: skip
CONVERSATION = (
    "greet", "goodbye", "thank", "affirm", "deny", "inform", "correct_details", "skip", "ask_why", "help", "stop", "restart",
    "bot_challenge", "praise", "express_anger", "out_of_scope",
)  # fmt: skip
INTENTS = (*KINDS, *SERVICE, *CONVERSATION)
"""All but the retrieval intent `faq`."""

ENTITIES = ("order_number", "complaint_number", "date", "product", "seller", "amount", "phone", "email", "remedy")
REMEDIES = (
    "refund", "replacement", "deliver_now", "repair", "price_difference", "compensation", "apology", "other",
)  # fmt: skip
STATUSES = (
    "submitted", "in_review", "waiting_shopper", "waiting_seller", "resolved", "closed", "withdrawn", "reopened",
)  # fmt: skip
LEVELS = ("first_line", "supervisor", "formal", "authority")
