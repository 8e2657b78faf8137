//! Is storage healthy?

use std::fmt;

use serde::Serialize;
use utoipa::ToSchema;

/// How storage does, judged by the share of operations in the window that were errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Health {
    /// Less than 5 % errors, or no operations at all.
    Healthy,
    /// 5 % to 10 % errors.
    Degraded,
    /// More than 10 % errors.
    Unhealthy,
}

impl Health {
    /// Judges `errors` among `operations`.
    pub fn of(operations: u64, errors: u64) -> Self {
        // In whole numbers, so that exactly 5 % and exactly 10 % fall where they should.
        let percent = u128::from(errors) * 100;
        let operations = u128::from(operations);
        if percent > operations * 10 {
            Self::Unhealthy
        } else if operations > 0 && percent >= operations * 5 {
            Self::Degraded
        } else {
            Self::Healthy
        }
    }

    /// The word as it stands in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Degraded => "degraded",
            Self::Unhealthy => "unhealthy",
        }
    }
}

impl fmt::Display for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(operations: u64, errors: u64, expected: &str) {
        assert_eq!(
            Health::of(operations, errors).as_str(),
            expected,
            "{errors} of {operations}"
        );
    }

    #[test]
    fn bounds() {
        check(0, 0, "healthy");
        check(1000, 49, "healthy");
        check(1000, 50, "degraded");
        check(1000, 100, "degraded");
        check(1000, 101, "unhealthy");
        check(1, 1, "unhealthy");
        check(u64::MAX, u64::MAX, "unhealthy");
    }
}
