"""The names of the contract for complaints: kinds, remedies, statuses, levels. They do not change."""

from enum import StrEnum


class Kind(StrEnum):
    LATE_DELIVERY = "late_delivery"
    NOT_RECEIVED = "not_received"
    DAMAGED_ITEM = "damaged_item"
    WRONG_ITEM = "wrong_item"
    MISSING_ITEM = "missing_item"
    POOR_QUALITY = "poor_quality"
    MISLEADING_PROMOTION = "misleading_promotion"
    OVERCHARGED_FEES = "overcharged_fees"
    PAYMENT_PROBLEM = "payment_problem"
    REFUND_PROBLEM = "refund_problem"
    CANCELLED_ORDER = "cancelled_order"
    NO_REPLY = "no_reply"
    BAD_CONDUCT = "bad_conduct"
    APP_PROBLEM = "app_problem"
    SECURITY_ISSUE = "security_issue"
    OTHER_COMPLAINT = "other_complaint"


class Remedy(StrEnum):
    REFUND = "refund"
    REPLACEMENT = "replacement"
    DELIVER_NOW = "deliver_now"
    REPAIR = "repair"
    PRICE_DIFFERENCE = "price_difference"
    COMPENSATION = "compensation"
    APOLOGY = "apology"
    OTHER = "other"


class Status(StrEnum):
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    WAITING_SHOPPER = "waiting_shopper"
    WAITING_SELLER = "waiting_seller"
    RESOLVED = "resolved"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    REOPENED = "reopened"


class Level(StrEnum):
    FIRST_LINE = "first_line"
    SUPERVISOR = "supervisor"
    FORMAL = "formal"
    AUTHORITY = "authority"
