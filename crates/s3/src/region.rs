//! Where a store stands.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// The name of a region, as it stands in endpoints and signatures: `nyc3`, `eu-central-1`.
///
/// One DNS label in lower case, because it becomes a part of a host name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(Arc<str>);

impl Region {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Region {
    type Err = InvalidRegion;

    fn from_str(text: &str) -> Result<Self, InvalidRegion> {
        let text = text.trim().to_ascii_lowercase();
        if text.is_empty() || text.len() > 63 {
            return Err(InvalidRegion::Length(text.len()));
        }
        if let Some(c) = text.chars().find(|c| !c.is_ascii_alphanumeric() && *c != '-') {
            return Err(InvalidRegion::Character(c));
        }
        if text.starts_with('-') || text.ends_with('-') {
            return Err(InvalidRegion::Character('-'));
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.0)
    }
}

/// Why a text names no region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRegion {
    /// Nothing, or more than a DNS label holds.
    #[error("a region has 1 to 63 characters, not {0}")]
    Length(usize),
    /// Holds a character that a DNS label can't have there.
    #[error("a region is made of letters, digits and inner dashes, not `{}`", .0.escape_default())]
    Character(char),
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(text: &str, expected: Expect) {
        let shown = match text.parse::<Region>() {
            Ok(region) => region.to_string(),
            Err(error) => format!("error: {error}"),
        };
        expected.assert_eq(&shown);
    }

    #[test]
    fn names() {
        check("nyc3", expect!["nyc3"]);
        check(" EU-Central-1 ", expect!["eu-central-1"]);
        check("", expect!["error: a region has 1 to 63 characters, not 0"]);
        check(
            "evil.com/",
            expect!["error: a region is made of letters, digits and inner dashes, not `.`"],
        );
        check(
            "-x",
            expect!["error: a region is made of letters, digits and inner dashes, not `-`"],
        );
        check(
            "ⅰ",
            expect![[r"error: a region is made of letters, digits and inner dashes, not `\u{2170}`"]],
        );
    }
}
