"""The contract's kinds of complaint, for what reads messages and knows no records."""

KINDS = frozenset({
    "late_delivery", "not_received", "damaged_item", "wrong_item", "missing_item", "poor_quality", "misleading_promotion",
    "overcharged_fees", "payment_problem", "refund_problem", "cancelled_order", "no_reply", "bad_conduct", "app_problem",
    "security_issue", "other_complaint",
})  # fmt: skip
