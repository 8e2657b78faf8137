//! Numbers that are reckoned with, and numbers that are told.

/// As a number that can be reckoned with.
#[expect(
    clippy::cast_precision_loss,
    reason = "up to 2^53 exact, beyond a rounding in the 16th digit"
)]
pub(super) fn amount(count: u64) -> f64 {
    count as f64
}

/// As a whole number; what is too large or below zero ends at what there is.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a conversion that saturates"
)]
pub(super) fn whole(amount: f64) -> u64 {
    amount.round() as u64
}

/// The same of what may be below zero.
#[expect(clippy::cast_possible_truncation, reason = "a conversion that saturates")]
pub(super) fn signed(amount: f64) -> i64 {
    amount.round() as i64
}

/// With one digit behind the point.
pub(super) fn percent(part: f64, of: f64) -> Option<f64> {
    (of != 0.0).then(|| (part / of * 1000.0).round() / 10.0)
}
