//! Names of buckets and objects.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Longest key an S3 store accepts, in bytes of UTF-8.
const MAX_KEY_BYTES: usize = 1024;

/// Why a text is no bucket name, key or prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    /// Nothing was given.
    #[error("is empty")]
    Empty,
    /// Shorter than the three characters of a bucket name.
    #[error("is shorter than 3 characters")]
    TooShort,
    /// Longer than S3 allows.
    #[error("is {actual} bytes long, the limit is {limit}")]
    TooLong {
        /// Bytes given.
        actual: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// Holds a character a bucket name can't have.
    #[error("holds `{}` where only letters, digits, `-`, `.` and `_` may stand", .0.escape_default())]
    Character(char),
    /// Two dots in a row, or a dot or dash at the wrong end.
    #[error("must begin and end with a letter or digit and can't hold `..`")]
    Shape,
    /// Holds a NUL byte, which no store takes.
    #[error("holds a NUL character")]
    Nul,
}

/// The name of a bucket: 3 to 63 characters, letters, digits, `-`, `.` and `_`.
///
/// Upper case and `_` are no longer given out by AWS, but old buckets and other stores have them.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, min_length = 3, max_length = 63, example = "prod-assets")]
pub struct BucketName(Arc<str>);

impl BucketName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for BucketName {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        if text.is_empty() {
            return Err(InvalidName::Empty);
        }
        if text.len() > 63 {
            return Err(InvalidName::TooLong {
                actual: text.len(),
                limit: 63,
            });
        }
        if let Some(c) = text
            .chars()
            .find(|c| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '.' | '_'))
        {
            return Err(InvalidName::Character(c));
        }
        if text.len() < 3 {
            return Err(InvalidName::TooShort);
        }
        let ends_well = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        if text.contains("..") || !ends_well(text.chars().next()) || !ends_well(text.chars().next_back()) {
            return Err(InvalidName::Shape);
        }
        Ok(Self(text.into()))
    }
}

/// The key of an object: 1 to 1024 bytes of UTF-8 without NUL. Anything else is allowed, and occurs.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, min_length = 1, max_length = 1024, example = "images/2026/01/cat.jpg")]
pub struct ObjectKey(String);

impl ObjectKey {
    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ObjectKey {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        Self::try_from(text.to_owned())
    }
}

impl TryFrom<String> for ObjectKey {
    type Error = InvalidName;

    fn try_from(text: String) -> Result<Self, InvalidName> {
        if text.is_empty() {
            return Err(InvalidName::Empty);
        }
        check_key_text(&text)?;
        Ok(Self(text))
    }
}

/// The beginning of keys: 0 to 1024 bytes of UTF-8 without NUL. Empty means the whole bucket.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, max_length = 1024, example = "images/")]
pub struct Prefix(String);

impl Prefix {
    /// The prefix as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same prefix with a `/` at the end, unless it is empty or has one.
    pub fn as_folder(&self) -> Self {
        if self.0.is_empty() || self.0.ends_with('/') {
            return self.clone();
        }
        Self(format!("{}/", self.0))
    }
}

impl FromStr for Prefix {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        Self::try_from(text.to_owned())
    }
}

impl TryFrom<String> for Prefix {
    type Error = InvalidName;

    fn try_from(text: String) -> Result<Self, InvalidName> {
        check_key_text(&text)?;
        Ok(Self(text))
    }
}

fn check_key_text(text: &str) -> Result<(), InvalidName> {
    if text.len() > MAX_KEY_BYTES {
        return Err(InvalidName::TooLong {
            actual: text.len(),
            limit: MAX_KEY_BYTES,
        });
    }
    if text.contains('\0') {
        return Err(InvalidName::Nul);
    }
    Ok(())
}

impl TryFrom<String> for BucketName {
    type Error = InvalidName;

    fn try_from(text: String) -> Result<Self, InvalidName> {
        text.parse()
    }
}

impl From<BucketName> for String {
    fn from(name: BucketName) -> Self {
        name.0.as_ref().to_owned()
    }
}

impl From<ObjectKey> for String {
    fn from(key: ObjectKey) -> Self {
        key.0
    }
}

impl From<Prefix> for String {
    fn from(prefix: Prefix) -> Self {
        prefix.0
    }
}

macro_rules! shown_as_text {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", self.as_str())
            }
        }
    )*};
}

shown_as_text!(BucketName, ObjectKey, Prefix);

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expected: Expect) {
        let found = match text.parse::<BucketName>() {
            Ok(name) => name.to_string(),
            Err(error) => format!("error: {error}"),
        };
        expected.assert_eq(&found);
    }

    #[test]
    fn bucket_names() {
        check("prod-assets", expect!["prod-assets"]);
        check("Old_Bucket.1", expect!["Old_Bucket.1"]);
        check("", expect!["error: is empty"]);
        check("ab", expect!["error: is shorter than 3 characters"]);
        check("..", expect!["error: is shorter than 3 characters"]);
        check(
            "a..b",
            expect!["error: must begin and end with a letter or digit and can't hold `..`"],
        );
        check(
            "../etc",
            expect!["error: holds `/` where only letters, digits, `-`, `.` and `_` may stand"],
        );
        check(
            "bad\0name",
            expect![[r"error: holds `\u{0}` where only letters, digits, `-`, `.` and `_` may stand"]],
        );
        check(
            &"x".repeat(64),
            expect!["error: is 64 bytes long, the limit is 63"],
        );
    }

    #[test]
    fn keys_and_prefixes() {
        assert_eq!("".parse::<ObjectKey>(), Err(InvalidName::Empty));
        assert!("".parse::<Prefix>().is_ok());
        assert!("//\u{1}é\n".parse::<ObjectKey>().is_ok());
        assert_eq!("a\0b".parse::<Prefix>(), Err(InvalidName::Nul));
        let long = "é".repeat(513);
        assert_eq!(
            long.parse::<ObjectKey>(),
            Err(InvalidName::TooLong {
                actual: 1026,
                limit: 1024
            })
        );
        assert_eq!(
            "logs".parse::<Prefix>().map(|p| p.as_folder().to_string()),
            Ok("logs/".to_owned())
        );
    }

    proptest! {
        #[test]
        fn parsing_is_total_and_keeps_the_text(text in ".*") {
            if let Ok(name) = text.parse::<BucketName>() {
                prop_assert_eq!(name.as_str(), &text);
            }
            if let Ok(key) = text.parse::<ObjectKey>() {
                prop_assert_eq!(String::from(key), text);
            }
        }
    }
}
